/** Who may call. Defends against two escapes: another user borrowing our rights, and a sandboxed process (ours or an
 *  agent's) that reaches the socket to have its command run outside its sandbox. */
import { Refusal, type RefusalCode } from '../contract/wire.js';
import type { PeerIdentity } from '../native.js';

export interface PeerRefusal {
  code: RefusalCode;
  message: string;
}

/** @param workersPath cgroup path below which our workers live, '' with no cgroup.
 *  @returns undefined where the peer is served. */
export function refusePeer(self: PeerIdentity, peer: PeerIdentity, workersPath: string): PeerRefusal | undefined {
  if (peer.uid !== self.uid) return { code: Refusal.FOREIGN_UID, message: `uid ${peer.uid} is not served` };
  const why = confinement(self, peer, workersPath);
  return why === undefined ? undefined : { code: Refusal.CONFINED_PEER, message: `confined peer: ${why}` };
}

function confinement(self: PeerIdentity, peer: PeerIdentity, workersPath: string): string | undefined {
  if (peer.errnum !== 0) return 'its identity could not be read';
  if (peer.mountNs !== self.mountNs) return 'another mount namespace';
  if (peer.pidNs !== self.pidNs) return 'another pid namespace';
  if (peer.userNs !== self.userNs) return 'another user namespace';
  if (peer.noNewPrivs !== self.noNewPrivs) return 'no_new_privs is set';
  if (peer.seccomp !== self.seccomp) return 'a seccomp filter is set';
  if (peer.capEff !== self.capEff) return 'other capabilities';
  if (peer.credentials !== self.credentials) return 'other groups or uids';
  if (peer.rootDevice !== self.rootDevice || peer.rootInode !== self.rootInode) return 'another root folder';
  if (peer.securityLabel !== self.securityLabel) return 'another security label';
  if (workersPath !== '' && isBelow(peer.cgroupPath, workersPath)) return 'it runs in one of our worker groups';
  return undefined;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
