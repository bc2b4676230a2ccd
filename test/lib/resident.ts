/** Resident workers as the daemon starts them: through a real keeper, into its sandbox, with a channel of their own. */
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Level } from '../../supervisor/contract/call.js';
import { systemClock } from '../../supervisor/contract/clock.js';
import type { Confinement } from '../../supervisor/contract/confinement.js';
import type { LayerName } from '../../supervisor/contract/isolation.js';
import type { AgentEvent } from '../../supervisor/contract/validating.js';
import { OrderFlag, OrderMode, RECORD_STDIN_END, RecordKind } from '../../supervisor/contract/wire.js';
import { ownInherited } from '../../supervisor/intake/inherited.js';
import { probeLayers } from '../../supervisor/isolation/probe.js';
import { loadNative } from '../../supervisor/native.js';
import { type Keeper, startKeeper } from '../../supervisor/pool/keeper.js';
import { encodeStart } from '../../supervisor/pool/order.js';
import { decodeParked, decodeTaskEnd, type TaskEnd } from '../../supervisor/pool/report.js';
import type { Answered } from '../../supervisor/ring/resident-answer.js';
import { openResidentLink, type ResidentLink } from '../../supervisor/ring/resident-link.js';
import { forkedPlan } from '../../supervisor/validating/forks.js';
import { findPython } from './python.js';
import { waitFor } from './wait.js';

export const native = loadNative();
export const REPOSITORY = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));
const WORKERS = join(REPOSITORY, 'dist/workers');
const SYSTEM = ['/usr', '/bin', '/lib', '/lib64', '/etc/ld.so.cache', '/etc/ssl'];
const NO_BOUND = 2 ** 53 - 1;

export const COMMANDS = {
  node: (entry: string) => [process.execPath, join(WORKERS, 'node/resident.mjs'), entry],
  python: (entry: string) => [findPython().executable, join(WORKERS, 'python/resident.py'), entry],
};
export type ResidentRuntime = keyof typeof COMMANDS;
const ZYGOTE = join(WORKERS, 'python/resident_zygote.py');

/** Names of the layers that this host gives. */
export async function hostLayers(): Promise<LayerName[]> {
  const layers = await probeLayers(join(REPOSITORY, 'build/supervisor-probe'));
  return (layers ?? []).filter(({ name, level }) => level > 0 && name !== 'otherUid').map(({ name }) => name);
}

/** What the worker has told. */
export class Heard {
  isReady = false;
  isBatch = false;
  silences = 0;
  readonly answers = new Map<number, readonly Answered[]>();
  readonly closed: (string | undefined)[] = [];

  open(generation = 1): ResidentLink {
    const link = openResidentLink(native, systemClock, generation, {
      ready: (isBatch) => {
        this.isReady = true;
        this.isBatch = isBatch;
      },
      answered: (id, answers) => this.answers.set(id, answers),
      silent: () => void this.silences++,
      closed: (violation) => this.closed.push(violation),
    });
    if ('refused' in link) throw new Error(link.refused);
    return link;
  }

  ready(): Promise<boolean> {
    return waitFor('READY', () => this.isReady || undefined);
  }

  answer(id: number | string): Promise<readonly Answered[]> {
    return waitFor(`answer ${id}`, () => this.answers.get(Number(id)));
  }
}

export const question = (text: string, context = {}) => ({
  events: [{ name: 'PreToolUse', toolInput: { text } } as unknown as AgentEvent],
  context,
});

/** A keeper, of `exec` processes or of those that a zygote forks for workers of Python, and one task of it. */
export class ResidentStage {
  readonly folder = mkdtempSync('/var/tmp/hook-supervisor-resident-');
  readonly heard = new Heard();
  readonly link = this.heard.open();
  readonly #keeper: Keeper;
  readonly #confinement: Confinement | undefined;
  readonly #isForked: boolean;
  readonly #env: readonly string[];
  #parked: { slot: number; generation: number; pid: number } | undefined;
  pid = 0;
  stderr = '';
  stdout = '';
  end: TaskEnd | undefined;
  isNotStarted = false;

  /** env: for the worker, and as variables that decide how an interpreter starts for its zygote. */
  constructor(level: Level, layers: readonly LayerName[], isForked = false, env: readonly string[] = []) {
    const read = [...SYSTEM, WORKERS, dirname(dirname(realpathSync(process.execPath)))];
    const paths = { read, write: [this.folder], protect: [], project: this.folder };
    const confinement: Confinement | undefined =
      level === 'contained' ? undefined : { level, layers, network: 'none', without: '', ...paths };
    const options = {
      ...{ native, clock: systemClock, keeperFile: join(REPOSITORY, 'bin/supervisor-keeper'), logFd: 2 },
      ...{ runtimeFolder: this.folder, openCgroup: () => undefined, openEgress: () => undefined },
    };
    const limits = { memoryMaxBytes: 2 ** 31, cpuTimeMaxMs: 0 } as never;
    this.#confinement = confinement;
    this.#isForked = isForked;
    this.#env = env;
    const spec = { id: 'workers', describes: '', env, slots: 2, limits, parked: { min: 1, max: 1, first: 1 } };
    const executed = { runtime: 'exec' as const, zygoteArgv: [], confinement };
    const forked = {
      runtime: 'python' as const,
      zygoteArgv: [findPython().executable, ZYGOTE],
      confinement: undefined,
    };
    const keeper = startKeeper(options, { ...spec, ...(isForked ? forked : executed) }, 1, 1, () => {});
    if ('step' in keeper) throw new Error(keeper.step);
    this.#keeper = keeper;
    keeper.link.setEvents({
      record: (kind, _flags, _callId, slot, generation, payload) => {
        if (kind === RecordKind.PARKED) this.#parked ??= { slot, generation, pid: decodeParked(payload)?.pid ?? 0 };
        else if (kind === RecordKind.STDERR) this.stderr += payload.toString();
        else if (kind === RecordKind.STDOUT) this.stdout += payload.toString();
        else if (kind === RecordKind.NOT_STARTED) this.isNotStarted = true;
        else if (kind === RecordKind.END) this.end = decodeTaskEnd(payload);
      },
      answered() {},
      closed() {},
    });
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** Hands the command to a parked process, with the ends of the channel. */
  async start(argv: readonly string[]): Promise<void> {
    const { slot, generation, pid } = await waitFor('a parked process', () => this.#parked);
    this.pid = pid;
    const [path = '', ...words] = argv;
    const plan = { kind: 'exec', path, argv: [path, ...words], env: [], reason: '', throughShell: false } as const;
    const whole = this.#isForked ? forkedPlan(plan, this.#confinement).argv : argv;
    const full = [...whole, String(this.link.ringBytes), String(this.link.generation)];
    const order = {
      mode: OrderMode.EXEC,
      programIndex: 0,
      path,
      argv: full,
      env: ['PATH=/usr/bin:/bin', ...this.#env],
    };
    const limits = { timeoutMs: 0, cancelGraceMs: 0, outputMaxBytes: NO_BOUND, outputGraceMs: 100 };
    const call = { mergedOutput: false, inherited: ownInherited() };
    const flags = OrderFlag.RESIDENT | OrderFlag.PEER_ENDS;
    const payload = encodeStart(call, order, Buffer.alloc(0), false, limits, flags);
    const cwd = openSync(this.folder, 'r');
    const { link } = this.#keeper;
    link.sendFds(1, cwd, ...this.link.peerEnds);
    link.send(RecordKind.START, 0, 1, slot, generation, payload);
    closeSync(cwd);
    this.link.closePeerEnds();
  }

  endInput(): void {
    const { slot, generation } = this.#parked ?? { slot: 0, generation: 0 };
    this.#keeper.link.send(RecordKind.STDIN, RECORD_STDIN_END, 1, slot, generation);
  }

  ended(): Promise<TaskEnd> {
    return waitFor('the end of the worker', () => this.end);
  }

  async close(): Promise<void> {
    this.link.close();
    await new Promise<void>((resolve) => this.#keeper.finish(2_000, () => resolve()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
