/** A channel with a peer at its other end: a program that does what its mode says (ring_peer.c). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { native, until } from './support.js';

export const RING_BYTES = 256 * 1024;
const SIGKILL = 9;

export let folder: string;
let peerFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-channel-'));
  peerFile = join(folder, 'ring_peer');
  const shim = join(import.meta.dirname, '../../../native-shim');
  const sources = [join(import.meta.dirname, 'ring_peer.c'), join(shim, 'lib/ring.c'), join(shim, 'lib/io.c')];
  const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', `-I${shim}/lib`, `-I${shim}/include`];
  execFileSync('gcc', [...flags, '-o', peerFile, ...sources]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export interface Record {
  kind: number;
  flags: number;
  callId: number;
  slot: number;
  generation: number;
  payload: Buffer;
}

export class Side {
  readonly channel = native.createChannel(RING_BYTES, 5, folder);
  readonly records: Record[] = [];
  readonly closed: number[] = [];
  spaces = 0;
  pid = 0;
  onRecord: (record: Record) => void = () => {};

  constructor(mode: string, count = 0, generation = 5) {
    const fds = [this.channel.peerSocketFd, this.channel.peerRingFd];
    const argv = ['ring_peer', mode, String(RING_BYTES), String(generation), String(count)];
    const { pid } = native.spawn({ file: peerFile, argv, env: [], fds, logFd: 2, cwd: '/' });
    if (pid < 0) throw new Error(`spawn: ${pid}`);
    this.pid = pid;
    this.channel.closePeerEnds();
    this.channel.setEvents({
      onRecord: (kind, flags, callId, slot, gen, payload) => {
        const record = { kind, flags, callId, slot, generation: gen, payload: Buffer.from(payload) };
        this.records.push(record);
        this.onRecord(record);
      },
      onClosed: (errnum) => this.closed.push(errnum),
      onSpace: () => this.spaces++,
      onAnswered() {},
    });
  }

  write(kind: number, callId: number, ...parts: Uint8Array[]): number {
    return this.channel.write(kind, 0, callId, 0, 0, ...parts);
  }

  async finish(): Promise<void> {
    this.channel.close();
    native.kill(this.pid, SIGKILL);
    await until(() => native.reap(this.pid) !== undefined);
  }
}

const sides: Side[] = [];
export function open(mode: string, count?: number, generation?: number): Side {
  const side = new Side(mode, count, generation);
  sides.push(side);
  return side;
}
afterEach(async () => {
  for (const side of sides.splice(0)) await side.finish();
});
