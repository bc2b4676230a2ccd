/** Settings of this machine that explain why a layer is not there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface IsolationFacts {
  isContainer: boolean;
  /** kernel.apparmor_restrict_unprivileged_userns: Ubuntu since 23.10. */
  doesAppArmorRestrict: boolean;
  /** kernel.unprivileged_userns_clone is 0: Debian of old. */
  areUserNamespacesOff: boolean;
  /** user.max_user_namespaces. */
  userNamespacesMax: number;
  /** Those that run, as the kernel lists them; '' where it does not. */
  securityModules: string;
  /** Our programs that enter namespaces, for an AppArmor profile. */
  programs: readonly string[];
}

const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv', '/run/systemd/container'];

/** Not the keeper: hooks at `contained` are its children, and would be let into user namespaces, as in no direct run. */
const NAMESPACE_PROGRAMS = ['supervisor-confine', 'supervisor-probe'];

/** @param buildFolder where our native programs are. */
export function isolationFacts(buildFolder: string): IsolationFacts {
  const max = readText('/proc/sys/user/max_user_namespaces');
  return {
    isContainer: CONTAINER_MARKS.some((path) => existsSync(path)),
    doesAppArmorRestrict: readText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1',
    areUserNamespacesOff: readText('/proc/sys/kernel/unprivileged_userns_clone') === '0',
    userNamespacesMax: max === '' ? Number.POSITIVE_INFINITY : Number(max),
    securityModules: readText('/sys/kernel/security/lsm'),
    programs: NAMESPACE_PROGRAMS.map((name) => join(buildFolder, name)),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
