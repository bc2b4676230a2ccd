// What the benches have answer an event with its nonce: as a validator and as a hook, in both runtimes.
export const NONCE_SOURCES = {
  'echo.mjs': 'export default { validate: (event) => ({ context: event.raw.tool_use_id }) };',
  'echo.py': `def validate(event, context):\n    return {"context": event["raw"]["tool_use_id"]}\n`,
  'hook.py': `import json, sys
print(json.dumps({"hookSpecificOutput": {"hookEventName": "PreToolUse",
    "additionalContext": json.load(sys.stdin)["tool_use_id"]}}))\n`,
  'hook.mjs': `let text = '';
process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
  const { tool_use_id } = JSON.parse(text);
  const hookSpecificOutput = { hookEventName: 'PreToolUse', additionalContext: tool_use_id };
  process.stdout.write(JSON.stringify({ hookSpecificOutput }));
});`,
};
