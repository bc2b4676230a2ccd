/** The environment of a call above `contained`: what programs need to find their way, and what agents tell their hooks. */

const PASSED = new Set([
  ...[
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'PWD',
    'OLDPWD',
    'LANG',
    'LANGUAGE',
    'TZ',
    'TERM',
    'COLUMNS',
    'LINES',
  ],
  ...['NO_COLOR', 'FORCE_COLOR', 'CLICOLOR', 'CI', 'NODE_ENV', 'VIRTUAL_ENV', 'TRACEPARENT'],
  ...['PYTHONUTF8', 'PYTHONIOENCODING', 'PYTHONUNBUFFERED', 'PYTHONDONTWRITEBYTECODE', 'PYTHONHASHSEED'],
  ...['PYENV_ROOT', 'PYENV_VERSION', 'NVM_DIR', 'ASDF_DATA_DIR', 'VOLTA_HOME', 'RBENV_ROOT', 'MISE_DATA_DIR'],
  // Claude Code. Not CLAUDE_ENV_FILE: what a hook writes there is run by the agent's later commands, with all rights.
  ...['CLAUDECODE', 'CLAUDE_PROJECT_DIR', 'CLAUDE_PLUGIN_ROOT', 'CLAUDE_PLUGIN_DATA', 'CLAUDE_EFFORT', 'CLAUDE_PID'],
  ...['CLAUDE_CODE_SESSION_ID', 'CLAUDE_CODE_CHILD_SESSION', 'CLAUDE_CODE_REMOTE', 'CLAUDE_CODE_BRIDGE_SESSION_ID'],
  // Codex, Gemini CLI, Cursor.
  ...['CODEX_HOME', 'CODEX_PROJECT_DIR', 'PLUGIN_ROOT', 'PLUGIN_DATA'],
  ...['GEMINI_PROJECT_DIR', 'GEMINI_SESSION_ID', 'GEMINI_CWD', 'CURSOR_PROJECT_DIR', 'CURSOR_VERSION'],
]);
const PASSED_START = /^(?:LC_|CLAUDE_PLUGIN_OPTION_)/;
/** A plugin's options may hold its keys. */
const SECRET_NAME =
  /(?:^|_)(?:KEY|APIKEY|TOKEN|SECRET|PASS|PASSWD|PASSWORD|PASSPHRASE|CREDENTIALS?|AUTH|COOKIE|PRIVATE)(?:_|\d*$)/i;

/** In the caller's order. @param allowed names that the configuration lets pass. */
export function scrubbed(env: readonly string[], allowed: readonly string[]): string[] {
  return env.filter((entry) => {
    const name = entry.slice(0, Math.max(0, entry.indexOf('=')));
    if (allowed.includes(name)) return true;
    return (PASSED.has(name) || PASSED_START.test(name)) && !SECRET_NAME.test(name);
  });
}
