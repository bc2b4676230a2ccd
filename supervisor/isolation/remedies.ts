/** What to change so that a missing layer is there. Pure. */
import { constants } from 'node:os';
import type { Layer } from '../contract/isolation.js';
import type { IsolationFacts } from './facts.js';

const { EINVAL, ENOSPC, ENOSYS, EOPNOTSUPP } = constants.errno;

/** '' where nothing can be done, or nothing need be. */
export function remedyOf(layer: Layer, facts: IsolationFacts): string {
  switch (layer.name) {
    case 'landlock':
      return landlockRemedy(layer.errnum, facts);
    case 'seccomp':
      return isUnknown(layer.errnum) ? 'a kernel built with CONFIG_SECCOMP_FILTER' : '';
    case 'userNamespace':
    case 'mountNamespace':
    case 'ipcNamespace':
    case 'utsNamespace':
    case 'cgroupNamespace':
    case 'networkNamespace':
    case 'pidNamespace':
    case 'privateMounts':
    case 'ownProc':
      return namespaceRemedy(layer, facts);
    default:
      return '';
  }
}

function isUnknown(errnum: number): boolean {
  return errnum === ENOSYS || errnum === EINVAL;
}

function landlockRemedy(errnum: number, { securityModules, isContainer }: IsolationFacts): string {
  if (errnum === EOPNOTSUPP)
    return `boot with lsm=${['landlock', securityModules].filter((text) => text !== '').join(',')} on the kernel's command line`;
  if (errnum === ENOSYS) return 'Linux 5.13 or newer, built with CONFIG_SECURITY_LANDLOCK';
  return isContainer ? "a container runtime whose seccomp profile knows Landlock: Docker's does" : '';
}

function namespaceRemedy({ name, errnum }: Layer, facts: IsolationFacts): string {
  if (facts.userNamespacesMax === 0) return 'sysctl -w user.max_user_namespaces=65536';
  if (errnum === ENOSPC) return 'raise the limits: sysctl user | grep namespaces';
  if (facts.isContainer) {
    const paths = name === 'ownProc' ? ' --security-opt systempaths=unconfined' : '';
    return (
      `docker run --security-opt seccomp=hooks.json --security-opt apparmor=unconfined${paths}, ` +
      'with the profile that docker/seccomp.mjs makes; that loosens the container itself'
    );
  }
  if (facts.areUserNamespacesOff) return 'sysctl -w kernel.unprivileged_userns_clone=1';
  if (facts.doesAppArmorRestrict) return appArmorRemedy(facts.programs);
  if (isUnknown(errnum)) return 'a kernel built with CONFIG_USER_NS and CONFIG_NAMESPACES';
  return '';
}

function appArmorRemedy(programs: readonly string[]): string {
  const profiles = programs.map((program) => `profile ${program} flags=(unconfined) { userns, }`).join(' ');
  return (
    'docker/apparmor/hook-supervisor, with the folder of this installation, to /etc/apparmor.d, then apparmor_parser -r ' +
    `/etc/apparmor.d/hook-supervisor; it says: abi <abi/4.0>, ${profiles}; ` +
    'or, for all programs, sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'
  );
}
