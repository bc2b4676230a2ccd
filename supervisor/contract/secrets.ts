/** Where a home keeps what a confined hook must not read, or must not change since it decides what runs with all rights.
 *  No list is whole: the home itself is never given, and this one guards against what is given by name. */

/** Below the home. */
export const HOME_SECRETS = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.netrc',
  '.git-credentials',
  '.npmrc',
  '.pypirc',
  '.vault-token',
  '.password-store',
  '.pgpass',
  '.my.cnf',
  '.mozilla',
  '.bash_history',
  '.zsh_history',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.terraform.d',
  '.config/gcloud',
  '.config/gh',
  '.config/op',
  '.config/git',
  '.config/hook-supervisor',
  '.config/google-chrome',
  '.config/chromium',
  '.local/share/keyrings',
  '.claude.json',
  '.claude/.credentials.json',
  '.claude/settings.json',
  '.claude/projects',
  '.codex/auth.json',
  '.codex/config.toml',
  '.gemini/oauth_creds.json',
  '.gemini/settings.json',
  '.cursor/mcp.json',
] as const;

/** Whether `path` is `folder` or lies below it. Both absolute and in their plain form. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === '/' || path.startsWith(`${folder}/`);
}

/** The first secret that `path` holds; undefined where it holds none. A secret itself holds itself. */
export function secretWithin(path: string, home: string): string | undefined {
  return HOME_SECRETS.map((name) => `${home}/${name}`).find((secret) => isWithin(secret, path));
}
