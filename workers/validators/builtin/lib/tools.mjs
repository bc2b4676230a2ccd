/** What an agent's tool is about to do, by its name: a shell text, or files. Of a tool of an MCP server (`mcp__SERVER__TOOL`) the last
 *  part counts. Tools that are not listed do neither, as far as validators know. */

const SHELL_TOOLS = {
  Bash: ['command'],
  shell: ['command'],
  bash: ['command'],
  exec_command: ['cmd', 'command'],
  run_shell_command: ['command'],
  Shell: ['command'],
  execute_command: ['command'],
  run_command: ['command'],
  start_process: ['command'],
};

const read = (...fields) => ({ use: 'read', fields });
const write = (...fields) => ({ use: 'write', fields });

const FILE_TOOLS = {
  Write: write('file_path', 'path'),
  Edit: write('file_path', 'path'),
  MultiEdit: write('file_path'),
  NotebookEdit: write('notebook_path'),
  Read: read('file_path', 'path'),
  NotebookRead: read('notebook_path'),
  Glob: read('path'),
  Grep: read('path'),
  LS: read('path'),
  write_file: write('file_path', 'path'),
  edit_file: write('path', 'file_path'),
  move_file: write('source', 'destination'),
  create_directory: write('path'),
  read_text_file: read('path'),
  read_multiple_files: read('paths'),
  replace: write('file_path'),
  read_file: read('file_path', 'absolute_path', 'path'),
  read_many_files: read('paths', 'include'),
  list_directory: read('dir_path', 'path'),
  glob: read('dir_path', 'path'),
  grep_search: read('dir_path', 'path'),
  search_file_content: read('dir_path', 'path'),
  create: write('path', 'file_path'),
  edit: write('path', 'file_path'),
  view: read('path', 'file_path'),
};

/** Events that name no tool: what they are about. */
const EVENTS = {
  beforeShellExecution: { shell: 'command' },
  beforeReadFile: { use: 'read', fields: ['file_path'] },
};

const PATCH_FILE = /^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm;

/** @returns the shell text that the event is about, or undefined */
export function shellTextOf(event) {
  if (Object.hasOwn(EVENTS, event.name)) return textIn(event.raw, EVENTS[event.name].shell);
  const name = plainName(event.toolName);
  if (!Object.hasOwn(SHELL_TOOLS, name)) return undefined;
  const found = SHELL_TOOLS[name].map((field) => textIn(event.toolInput, field));
  return found.find((text) => text !== undefined);
}

function plainName(toolName) {
  return /^mcp__.+__(.+)$/.exec(toolName ?? '')?.[1] ?? toolName ?? '';
}

/** Codex may hand its command over as an argument vector. */
function textIn(input, field) {
  const value = field === undefined ? undefined : input?.[field];
  if (Array.isArray(value)) return value.map((word) => `'${String(word).replaceAll("'", "'\\''")}'`).join(' ');
  return typeof value === 'string' ? value : undefined;
}

/** @returns {{use: 'read' | 'write', path: string}[]} */
export function filesOf(event) {
  if (event.toolName === 'apply_patch') return patchedFiles(event.toolInput);
  const name = plainName(event.toolName);
  const table = Object.hasOwn(EVENTS, event.name) ? EVENTS[event.name] : undefined;
  const tool = table ?? (Object.hasOwn(FILE_TOOLS, name) ? FILE_TOOLS[name] : undefined);
  if (tool?.fields === undefined) return [];
  const input = table === undefined ? event.toolInput : event.raw;
  const values = tool.fields.flatMap((field) => input?.[field] ?? []);
  return values.filter((path) => typeof path === 'string' && path !== '').map((path) => ({ use: tool.use, path }));
}

function patchedFiles(input) {
  const texts = Object.values(input ?? {})
    .flat()
    .filter((value) => typeof value === 'string');
  return texts.flatMap((text) =>
    [...text.matchAll(PATCH_FILE)].map(([, path]) => ({ use: 'write', path: path.trim() })),
  );
}
