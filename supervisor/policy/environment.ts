/** The environment of a call above `contained`: what programs need to find their way, and what agents tell their hooks. */
import type { Network } from '../contract/allow-list.js';
import { DOOR_PORT } from '../contract/wire.js';

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

const PROXY = `http://127.0.0.1:${DOOR_PORT}`;
const PROXY_NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
const PROXY_NAME = /^(?:https?|all|no|ftp)_proxy=/i;

/** With an allow-list programs find the proxy in their sandbox as they would any other; the caller's own cannot be reached. */
export function proxied(env: readonly string[], network: Network): readonly string[] {
  if (typeof network === 'string') return env;
  return [...env.filter((entry) => !PROXY_NAME.test(entry)), ...PROXY_NAMES.map((name) => `${name}=${PROXY}`)];
}
