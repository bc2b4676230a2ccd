// The events of the demo: what a coding agent writes to a hook's stdin, the hook, and how the answer must look, so that a
// hook that does not run at all cannot pass as "identical".

const python = (name) => ({ language: 'python', command: `python3 "$CLAUDE_PROJECT_DIR"/.claude/hooks/${name}` });
const bash = (name) => ({ language: 'bash', command: `bash "$CLAUDE_PROJECT_DIR"/.claude/hooks/${name}` });

/** Every event of one project and session. */
export function eventsOf(project) {
  const session = {
    session_id: '6f0b1c9e-52f4-4c07-9a30-7f2d5a4c8e11',
    transcript_path: `${project}/.claude/transcript.jsonl`,
    cwd: project,
  };
  const inTurn = { ...session, prompt_id: 'b1f6', permission_mode: 'default', effort: { level: 'medium' } };
  const use = (id, tool_name, tool_input) => ({
    ...inTurn,
    hook_event_name: 'PreToolUse',
    tool_name,
    tool_input,
    tool_use_id: `toolu_${id}`,
  });
  const used = (id, tool_name, tool_input, tool_response) => ({
    ...use(id, tool_name, tool_input),
    hook_event_name: 'PostToolUse',
    tool_response,
    duration_ms: 12,
  });
  const prompt = (text) => ({ ...inTurn, hook_event_name: 'UserPromptSubmit', prompt: text });
  const stop = (text) => ({
    ...inTurn,
    hook_event_name: 'Stop',
    stop_hook_active: false,
    last_assistant_message: text,
    background_tasks: [],
    session_crons: [],
  });
  const written = `# Notes\n\nA line with a blank at its end \n${'long '.repeat(30)}\n`;

  return [
    {
      name: '200 kB of context',
      ...python('inventory.py'),
      input: { ...session, hook_event_name: 'SessionStart', source: 'startup' },
      expect: { exitCode: 0, stdout: /^[\s\S]{200000}$/, stderr: /^$/ },
    },
    {
      name: 'plain context',
      ...python('context.py'),
      input: prompt('Why does the build fail?'),
      expect: { exitCode: 0, stdout: /Files of the project: 1 \.json, /, stderr: /^$/ },
    },
    {
      name: 'not ASCII',
      ...python('context.py'),
      input: prompt('Größe prüfen – サイズを確認して 🙂'),
      expect: { exitCode: 0, stdout: /“Größe prüfen – サイズを確認して 🙂”/, stderr: /^$/ },
    },
    {
      name: 'allow',
      ...python('guard.py'),
      input: use('01', 'Bash', { command: 'npm test', description: 'Run the tests' }),
      expect: { exitCode: 0, stdout: /^$/, stderr: /^$/ },
    },
    {
      name: 'deny by exit 2',
      ...python('guard.py'),
      input: use('02', 'Bash', { command: 'rm -rf /var/lib/other', description: 'Clean up' }),
      expect: { exitCode: 2, stdout: /^$/, stderr: /refused: outside the project/ },
    },
    {
      name: 'allow by JSON',
      ...python('secrets.py'),
      input: use('03', 'Read', { file_path: `${project}/src/main.py` }),
      expect: { exitCode: 0, stdout: /"permissionDecision": "allow"/, stderr: /^$/ },
    },
    {
      name: 'deny by JSON',
      ...python('secrets.py'),
      input: use('04', 'Read', { file_path: `${project}/.env` }),
      expect: { exitCode: 0, stdout: /"permissionDecision": "deny"/, stderr: /^$/ },
    },
    {
      name: 'bash: allow',
      ...bash('protect.sh'),
      input: use('05', 'Edit', { file_path: `${project}/src/main.py`, old_string: 'a', new_string: 'b' }),
      expect: { exitCode: 0, stdout: /^$/, stderr: /^$/ },
    },
    {
      name: 'bash: deny by exit 2',
      ...bash('protect.sh'),
      input: use('06', 'Write', { file_path: `${project}/package-lock.json`, content: '{}' }),
      expect: { exitCode: 2, stdout: /^$/, stderr: /refused: package-lock\.json is generated/ },
    },
    {
      name: 'no final newline',
      ...python('lint.py'),
      input: used(
        '07',
        'Write',
        { file_path: `${project}/notes.md`, content: written },
        { type: 'create', filePath: `${project}/notes.md`, content: written, structuredPatch: [], originalFile: null },
      ),
      expect: { exitCode: 0, stdout: /^{"decision": "block".*150 columns"}$/, stderr: /^$/ },
      altered: 'lint.py',
    },
    {
      name: 'traceback',
      ...python('audit.py'),
      input: used('08', 'Agent', { prompt: 'Look around' }, { status: 'completed', content: [] }),
      expect: { exitCode: 1, stdout: /^$/, stderr: /^Traceback [\s\S]*KeyError: 'interrupted'\n$/ },
    },
    {
      name: 'bash: block a stop',
      ...bash('finish.sh'),
      input: stop('All done.'),
      expect: { exitCode: 0, stdout: /^{"decision":"block",.*}$/, stderr: /^$/ },
    },
  ].map((event) => ({ ...event, stdin: Buffer.from(`${JSON.stringify(event.input)}\n`) }));
}
