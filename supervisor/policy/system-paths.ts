/** What every confined hook may read and execute, where it exists. */

export const SYSTEM_PATHS = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/libx32', '/lib64', '/opt', '/nix', '/gnu', '/snap'],
  '/run/current-system',
];

/** Not /etc as a whole: it holds password hashes, host keys and keys of services, and the daemon's user may be root. */
export const ETC_PATHS = [
  ...['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'ld.so.preload', 'alternatives'],
  ...['passwd', 'group', 'nsswitch.conf', 'hosts', 'host.conf', 'hostname', 'resolv.conf', 'gai.conf'],
  ...['protocols', 'services', 'localtime', 'timezone', 'locale.alias', 'locale.conf', 'default/locale'],
  ...['os-release', 'lsb-release', 'debian_version', 'redhat-release', 'alpine-release'],
  ...['ssl/certs', 'ssl/cert.pem', 'ssl/openssl.cnf', 'ca-certificates', 'ca-certificates.conf'],
  ...['pki/tls/certs', 'pki/tls/cert.pem', 'pki/tls/openssl.cnf', 'pki/ca-trust', 'crypto-policies'],
  ...['mime.types', 'magic', 'terminfo', 'fonts', 'inputrc', 'bash.bashrc', 'profile', 'profile.d', 'static'],
].map((name) => `/etc/${name}`);

/** Tools that users install below their home. */
export const HOME_TOOLS = [
  ...['.local/bin', '.local/lib', '.local/share/mise', '.local/share/uv', '.local/pipx/venvs'],
  ...['.nvm', '.pyenv', '.rbenv', '.asdf', '.volta', '.bun/bin', '.deno/bin', '.cargo/bin', '.rustup', 'go/bin'],
];

/** Everybody writes there: a script that lies in one is given by itself, not with its neighbours. */
export const SHARED_FOLDERS = ['/tmp', '/var/tmp', '/dev/shm'];
