import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../supervisor/contract/wire.js';
import { refusePeer } from '../../../supervisor/intake/peer.js';
import type { PeerIdentity } from '../../../supervisor/native.js';

const self: PeerIdentity = {
  pid: 10,
  uid: 1000,
  gid: 1000,
  mountNs: 1,
  pidNs: 2,
  userNs: 3,
  noNewPrivs: 0,
  seccomp: 0,
  capEff: '0000000000000000',
  credentials: '00aa',
  rootDevice: 1,
  rootInode: 2,
  securityLabel: 'unconfined',
  cgroupPath: '/user/sup',
  errnum: 0,
};
const peer = (change: Partial<PeerIdentity>): PeerIdentity => ({ ...self, pid: 20, cgroupPath: '/user', ...change });

describe('who may call', () => {
  test('a peer like the daemon is served', () => {
    expect(refusePeer(self, peer({}), '/user/w')).toBeUndefined();
  });

  test('another uid -> foreign, whatever else holds', () => {
    expect(refusePeer(self, peer({ uid: 0 }), '')?.code).toBe(Refusal.FOREIGN_UID);
  });

  test.each<[string, Partial<PeerIdentity>]>([
    ['another mount namespace', { mountNs: 9 }],
    ['another pid namespace', { pidNs: 9 }],
    ['another user namespace', { userNs: 9 }],
    ['no_new_privs', { noNewPrivs: 1 }],
    ['a seccomp filter', { seccomp: 2 }],
    ['other capabilities', { capEff: '00000000000000ff' }],
    ['other groups', { credentials: '00bb' }],
    ['a chroot', { rootInode: 3 }],
    ['a chroot on another device', { rootDevice: 3 }],
    ['an AppArmor profile', { securityLabel: 'agent (enforce)' }],
    ['one of our worker groups', { cgroupPath: '/user/w/exec/slot-1' }],
    ['an identity that could not be read', { errnum: 3 }],
  ])('%s -> confined peer', (_name, change) => {
    expect(refusePeer(self, peer(change), '/user/w')?.code).toBe(Refusal.CONFINED_PEER);
  });

  test('a group whose name only begins like ours is not ours', () => {
    expect(refusePeer(self, peer({ cgroupPath: '/user/work' }), '/user/w')).toBeUndefined();
  });
});
