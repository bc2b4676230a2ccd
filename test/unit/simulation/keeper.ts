/** A keeper as the daemon sees it by its ring: parks processes, runs tasks, and fails in every way that its weather says. */
import { OUTCOME_CODE } from '../../../supervisor/contract/outcome.js';
import { NotStarted, PARKED_BYTES, RecordKind, TASK_END_BYTES } from '../../../supervisor/contract/wire.js';
import { uint32s } from '../../../supervisor/pool/report.js';
import type { SimChannel } from './channel.js';
import type { Chance, SimClock } from './clock.js';

/** What ails a pool. */
export const WEATHERS = [
  'cannotSpawn',
  'diesAtOnce',
  'diesAtWork',
  'saysNoHello',
  'startsFail',
  'isHopeless',
  'readsNothing',
  'breaksProtocol',
  'parkedDie',
  'declines',
] as const;
export type Weather = 'fine' | (typeof WEATHERS)[number];

interface Slot {
  generation: number;
  state: 'empty' | 'starting' | 'parked' | 'busy';
  callId: number;
}

export interface KeeperWorld {
  clock: SimClock;
  chance: Chance;
  runtime: string;
  weather(): Weather;
  /** User code of the call runs. */
  executed(callId: number): void;
  parked(): void;
  taskEnded(): void;
}

/** By its own number a keeper is found from those of its processes. */
export const PIDS_OF_KEEPER = 1_000_000;

const SIGKILL = 9;
const STAGE_READY = 12;
const NO_SLOT = 0xffffffff;
const ZYGOTE_PLACE = 99;
const LINGERING_PLACE = 50;
const STAGE_FORK = 5;

export class SimKeeper {
  exit: { exitCode: number; signal: number } | undefined;
  private readonly slots: Slot[];
  private target: number;
  private failures = 0;
  private zygote = { generation: 0, isUp: false, status: -1 };
  private refillIsDue = false;

  constructor(
    readonly pid: number,
    private readonly channel: SimChannel,
    slotCount: number,
    parked: number,
    private readonly layers: number,
    private readonly world: KeeperWorld,
  ) {
    this.slots = Array.from({ length: slotCount }, () => ({ generation: 0, state: 'empty', callId: 0 }));
    this.target = parked;
    channel.onWritten = () => this.later(world.chance.between(0.05, 2), () => this.read());
    const weather = world.weather();
    if (weather === 'diesAtOnce') this.later(world.chance.between(1, 50), () => this.die(1, 0));
    else if (weather !== 'saysNoHello') this.later(world.chance.between(1, 30), () => this.greet());
  }

  die(exitCode: number, signal: number): void {
    if (this.exit !== undefined) return;
    this.exit = { exitCode, signal };
    this.channel.peerDied();
  }

  kill(signal: number): void {
    if (signal === SIGKILL) this.die(0, SIGKILL);
  }

  /** One of its processes is killed. False: it has ended. */
  killWorker(pid: number): boolean {
    if (this.exit !== undefined) return false;
    if (this.zygote.isUp && pid === this.pidOf(ZYGOTE_PLACE, this.zygote.generation)) {
      this.zygote.isUp = false;
      this.later(this.world.chance.between(0.1, 5), () => this.zygoteDied(SIGKILL));
      return true;
    }
    const slot = this.slots.find((one, place) => one.state === 'parked' && pid === this.pidOf(place, one.generation));
    if (slot === undefined) return false;
    const { generation } = slot;
    this.later(this.world.chance.between(0.1, 5), () => {
      if (slot.generation === generation) this.gone(slot, SIGKILL);
    });
    return true;
  }

  /** Never the same twice. */
  private pidOf(place: number, generation: number): number {
    return PIDS_OF_KEEPER * this.pid + 100 * generation + place;
  }

  private startZygote(): void {
    this.zygote.generation++;
    this.zygote.isUp = true;
    this.tellZygote();
  }

  private zygoteDied(status: number): void {
    this.zygote.status = status;
    this.tellZygote();
    // Starts that were asked of it fail with it.
    for (const slot of this.slots) if (slot.state === 'starting') this.failStart(slot, undefined);
    this.later(100, () => this.startZygote());
  }

  /** When the next one serves the keeper says once more how the one before ended. */
  private tellZygote(): void {
    const { generation, isUp, status } = this.zygote;
    const payload = uint32s(isUp ? this.pidOf(ZYGOTE_PLACE, generation) : 0, generation, status >>> 0);
    this.send(RecordKind.ZYGOTE, 0, NO_SLOT, generation, payload);
  }

  private greet(): void {
    this.send(RecordKind.HELLO, 0, 0, 0, Buffer.alloc(16));
    if (this.world.runtime === 'python') this.startZygote();
    this.refill();
    if (this.world.weather() === 'diesAtWork') this.later(this.world.chance.between(20, 20_000), () => this.die(0, 11));
  }

  private read(): void {
    if (this.world.weather() === 'readsNothing') {
      this.later(1_000, () => this.read());
      return;
    }
    for (let record = this.channel.take(); record !== undefined; record = this.channel.take()) {
      const { kind, callId, slot, generation, payload } = record;
      if (kind === RecordKind.START) this.begin(callId, slot, generation);
      else if (kind === RecordKind.CANCEL) this.cancel(callId);
      else if (kind === RecordKind.STOP) this.later(this.world.chance.between(1, 100), () => this.stop());
      else if (kind === RecordKind.TARGET) {
        this.target = payload.readUInt32LE(0);
        this.retire();
        this.refill();
      }
    }
  }

  /** What runs is killed; mostly it is told before its own end. */
  private stop(): void {
    if (this.world.chance.in(0.7)) for (const slot of this.slots) this.end(slot, slot.callId, 'crashed');
    this.die(0, 0);
  }

  private begin(callId: number, index: number, generation: number): void {
    const slot = this.slots[index];
    const { chance, runtime } = this.world;
    if (slot === undefined || slot.state !== 'parked' || slot.generation !== generation) {
      this.notStarted(callId, index, generation, NotStarted.GONE);
      return;
    }
    const weather = this.world.weather();
    const declines = runtime !== 'exec' && (weather === 'declines' || chance.in(0.02));
    if (declines || chance.in(0.01)) {
      slot.state = 'empty';
      this.notStarted(callId, index, generation, declines ? NotStarted.DECLINED : NotStarted.GONE);
      this.refill();
      return;
    }
    slot.state = 'busy';
    slot.callId = callId;
    this.world.executed(callId);
    if (chance.in(0.3)) this.send(RecordKind.STDOUT, callId, index, generation, Buffer.from('out'));
    if (chance.in(0.02)) this.later(chance.between(1, 20), () => this.linger(slot, index, generation));
    this.later(chance.between(1, 3_000), () => this.end(slot, callId, 'answered'));
  }

  private end(slot: Slot, callId: number, kind: 'answered' | 'cancelled' | 'crashed'): void {
    if (slot.state !== 'busy' || slot.callId !== callId) return;
    slot.state = 'empty';
    const payload = Buffer.alloc(TASK_END_BYTES);
    payload.writeUInt32LE(OUTCOME_CODE[kind], 0);
    if (this.send(RecordKind.END, callId, this.slots.indexOf(slot), slot.generation, payload)) this.world.taskEnded();
    if (this.world.weather() === 'breaksProtocol') this.send(RecordKind.PARKED, 0, 0, 0, Buffer.alloc(1));
    this.refill();
  }

  /** Descendants that keep the slot's number for a while, and no capacity here. */
  private linger(slot: Slot, index: number, generation: number): void {
    if (slot.state !== 'busy' || slot.generation !== generation) return;
    this.send(RecordKind.LINGERING, 0, index, generation, uint32s(this.pidOf(LINGERING_PLACE + index, generation), 0));
    this.later(500, () => {
      if (slot.generation === generation) this.send(RecordKind.LINGERING, 0, index, generation, uint32s(0, 0xffffffff));
    });
  }

  private cancel(callId: number): void {
    const slot = this.slots.find((one) => one.state === 'busy' && one.callId === callId);
    if (slot !== undefined) this.later(this.world.chance.between(1, 50), () => this.end(slot, callId, 'cancelled'));
  }

  private notStarted(callId: number, slot: number, generation: number, why: number): void {
    this.send(RecordKind.NOT_STARTED, callId, slot, generation, uint32s(why));
  }

  private retire(): void {
    const parked = this.slots.filter(({ state }) => state === 'parked');
    for (const slot of parked.slice(0, Math.max(0, parked.length - this.target))) this.gone(slot, -1);
  }

  private gone(slot: Slot, status: number): void {
    if (slot.state !== 'parked') return;
    slot.state = 'empty';
    const payload = Buffer.alloc(8);
    payload.writeInt32LE(status, 4);
    this.send(RecordKind.GONE, 0, this.slots.indexOf(slot), slot.generation, payload);
    this.refill();
  }

  private refill(): void {
    if (this.refillIsDue) return;
    this.refillIsDue = true;
    const delayMs = this.failures === 0 ? 1 : Math.min(100 * 2 ** (this.failures - 1), 5_000);
    this.later(delayMs, () => {
      this.refillIsDue = false;
      const coming = this.slots.filter(({ state }) => state === 'parked' || state === 'starting').length;
      const empty = this.slots.filter(({ state }) => state === 'empty');
      for (const slot of empty.slice(0, Math.max(0, this.target - coming))) this.park(slot);
    });
  }

  private park(slot: Slot): void {
    slot.state = 'starting';
    const generation = ++slot.generation;
    const { chance } = this.world;
    this.later(chance.between(1, 60), () => {
      if (slot.state !== 'starting' || slot.generation !== generation) return;
      const weather = this.world.weather();
      if (weather === 'startsFail' || weather === 'isHopeless') {
        this.failStart(slot, weather === 'isHopeless' ? 78 : 1);
        return;
      }
      slot.state = 'parked';
      this.failures = 0;
      const payload = Buffer.alloc(PARKED_BYTES);
      payload.writeUInt32LE(this.pidOf(this.slots.indexOf(slot), generation), 0);
      payload.writeUInt32LE(this.layers, 16);
      if (this.send(RecordKind.PARKED, 0, this.slots.indexOf(slot), slot.generation, payload)) this.world.parked();
      this.retire(); // fewer may be wanted by now
      if (weather === 'parkedDie') this.later(chance.between(1, 500), () => this.gone(slot, SIGKILL));
    });
  }

  /** @param exitCode undefined: of it nothing is told. */
  private failStart(slot: Slot, exitCode: number | undefined): void {
    slot.state = 'empty';
    this.failures++;
    const isOfInterpreter = this.world.runtime !== 'exec';
    const failure = uint32s(isOfInterpreter ? STAGE_READY : STAGE_FORK, isOfInterpreter ? 0 : 12, 0);
    this.send(RecordKind.FAILURE, 0, this.slots.indexOf(slot), slot.generation, failure);
    if (isOfInterpreter && exitCode !== undefined)
      this.send(RecordKind.ZYGOTE, 0, NO_SLOT, slot.generation, uint32s(0, slot.generation, exitCode << 8));
    this.refill();
  }

  /** @returns whether the daemon listens still. */
  private send(kind: number, callId: number, slot: number, generation: number, payload: Buffer): boolean {
    return this.exit === undefined && this.channel.told(kind, callId, slot, generation, payload);
  }

  private later(delayMs: number, step: () => void): void {
    this.world.clock.after(delayMs, () => {
      if (this.exit === undefined) step();
    });
  }
}
