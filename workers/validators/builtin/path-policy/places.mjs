/** Places that are known by name. A pattern is matched from any folder's border on, so it holds for every home. */

/** Keys and passwords. */
export const SECRETS = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/gh/hosts.yml',
  '.config/op',
  '.kube/config',
  '.docker/config.json',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  '.config/git/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.m2/settings.xml',
  '.password-store',
  '.local/share/keyrings',
  '.vault-token',
  '.terraform.d/credentials.tfrc.json',
  '.pgpass',
  '.my.cnf',
  '.mozilla/firefox',
  '.config/google-chrome',
  '.config/chromium',
  '.claude/.credentials.json',
  '.codex/auth.json',
  '.gemini/oauth_creds.json',
];

/** Public halves and settings that lie among them. */
export const NO_SECRETS = /\/\.ssh\/(config|known_hosts|authorized_keys|[^/]+\.pub)$/;

/** The system's own, from the root on. */
export const SYSTEM_SECRETS =
  /^\/(etc\/(shadow|gshadow|sudoers)(-|$|\.d\/)|etc\/ssh\/[^/]*_key$|proc\/[^/]+\/(environ|mem)$)/;

/** Files that often hold secrets and often do not. */
export const MAYBE_SECRETS =
  /(^|\/)(\.env(\.(?!example$|sample$|template$|dist$)[^/]+)?|id_(rsa|dsa|ecdsa|ed25519)|[^/]+\.(pem|key|p12|pfx|keystore|jks|kdbx))$/;

/** Run by somebody without being asked for: hooks, settings of agents and editors. */
export const RUNS_BY_ITSELF =
  /(^|\/)(\.git\/(hooks\/.+|config)|\.claude\/(settings(\.local)?\.json|hooks\/.+)|\.mcp\.json|\.gemini\/settings\.json|\.codex\/(hooks\.json|config\.toml)|\.cursor\/(hooks|mcp)\.json|\.github\/hooks\/.+|\.envrc|\.vscode\/(tasks|settings|launch)\.json|\.husky\/.+|\.bashrc|\.profile|\.zshrc|\.bash_profile)$/;

const SECRET_PLACES = SECRETS.map((place) => `/${place}`);

export function isSecret(path) {
  if (SYSTEM_SECRETS.test(path)) return true;
  return !NO_SECRETS.test(path) && SECRET_PLACES.some((place) => path.endsWith(place) || path.includes(`${place}/`));
}
