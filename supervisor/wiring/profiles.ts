/** The profile in force: chosen by the configuration, by the operator until the daemon ends, or, where `adaptive` is chosen, by how
 *  host and load are. Then only what needs no new pools changes: to replace them would cost most when least can be spared. */
import { onlyForCalls } from '../config/changes.js';
import type { LoadedConfig } from '../config/load.js';
import type { Reloaded } from '../contract/changes.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import type { Tell } from '../contract/happening.js';
import type { HostRoom } from '../contract/host-room.js';
import type { Profile, ProfileChoice, ProfileStatus } from '../contract/profiles.js';
import { afterLook, beginChoice, type ChoiceState, LOOK_EVERY_MS, type Look } from '../scheduler/profile-choice.js';
import type { DaemonLife } from './daemon-life.js';
import type { ValidatingLoad } from './validating.js';

type Loaded = Extract<LoadedConfig, { ok: true }>;

export interface ProfilesRooms {
  clock: Clock;
  life: Pick<DaemonLife, 'state' | 'isStopping'>;
  /** Reads everything anew. @param profile stronger than all that stands there. */
  load(profile: ProfileChoice | undefined): LoadedConfig;
  /** In force now. */
  config(): Readonly<Config>;
  /** Nothing in it needs new pools. */
  takeOver(next: Readonly<Config>): void;
  readRoom(): Promise<HostRoom>;
  waitingCalls(): number;
  validating(): ValidatingLoad;
  tell: Tell;
}

/** Of fewer answers between two looks it cannot be told whether validators fail. */
const ANSWERS_TO_TELL = 10;

export class Profiles {
  private operators: ProfileChoice | undefined;
  /** While `adaptive` is chosen. */
  private choice: ChoiceState | undefined;
  private sinceMs: number;
  private before = { asked: 0, failed: 0 };
  private undoLook = () => {};

  /** @param loaded what the daemon has started with. */
  constructor(
    private readonly rooms: ProfilesRooms,
    private loaded: Loaded,
  ) {
    this.sinceMs = rooms.clock.nowMs();
    this.follow();
  }

  /** As `load`, with what the operator and the load have chosen. */
  load(): LoadedConfig {
    const loaded = this.rooms.load(this.operators);
    if (!loaded.ok || loaded.config.profile !== 'adaptive' || this.choice === undefined) return loaded;
    return { ...loaded, config: onlyForCalls(loaded.config, loaded.under(this.choice.inForce)) };
  }

  /** It is in force from now on. */
  taken(loaded: Loaded): void {
    const from = this.loaded.config.profile;
    const to = loaded.config.profile;
    this.loaded = loaded;
    if (from === to) return;
    this.sinceMs = this.rooms.clock.nowMs();
    this.follow();
    const { profileFrom: by } = loaded;
    this.rooms.tell({ kind: 'profileChanged', about: `${from} -> ${to}: ${by}`, inputs: { from, to, by } });
  }

  /** Until the daemon ends. @param reload takes over what `load` gives. */
  async set(profile: ProfileChoice, reload: () => Promise<Reloaded>): Promise<Reloaded> {
    const before = this.operators;
    this.operators = profile;
    const reloaded = await reload();
    if (!reloaded.ok) this.operators = before;
    return reloaded;
  }

  status(): ProfileStatus {
    const { config, profileFrom: chosenBy } = this.loaded;
    const nowMs = this.rooms.clock.nowMs();
    const { profile: chosen } = config;
    if (chosen !== 'adaptive' || this.choice === undefined) {
      const inForce = chosen as Profile;
      return { chosen, chosenBy, inForce, why: 'it was chosen', sinceMs: Math.round(nowMs - this.sinceMs) };
    }
    const { inForce, why, sinceMs } = this.choice;
    return { chosen, chosenBy, inForce, why, sinceMs: Math.round(nowMs - sinceMs) };
  }

  stop(): void {
    this.undoLook();
  }

  private follow(): void {
    this.stop();
    this.choice = this.loaded.config.profile === 'adaptive' ? beginChoice(this.rooms.clock.nowMs()) : undefined;
    if (this.choice !== undefined) this.lookLater();
  }

  private lookLater(): void {
    const dueMs = this.rooms.clock.nowMs() + LOOK_EVERY_MS;
    this.undoLook = this.rooms.clock.after(LOOK_EVERY_MS, () => void this.look(this.rooms.clock.nowMs() - dueMs));
  }

  private async look(daemonLateMs: number): Promise<void> {
    const began = this.choice;
    const room = await this.rooms.readRoom();
    // Another one may have been chosen meanwhile, which looks for itself, or looks no more.
    if (this.choice === undefined || this.choice !== began || this.rooms.life.isStopping) return;
    this.lookLater();
    const { tasks, longestWaitMs, asked, failed } = this.rooms.validating();
    const answers = asked - this.before.asked;
    const failures = failed - this.before.failed;
    this.before = { asked, failed };
    this.decide(this.choice, {
      ...room,
      waiting: tasks + this.rooms.waitingCalls(),
      longestWaitMs: Math.round(longestWaitMs),
      failedPercent: answers < ANSWERS_TO_TELL ? 0 : Math.round((failures / answers) * 100),
      daemonLateMs: Math.max(0, Math.round(daemonLateMs)),
    });
  }

  private decide(before: ChoiceState, look: Look): void {
    const after = afterLook(before, look, this.rooms.clock.nowMs());
    const isChange = after.inForce !== before.inForce;
    // What a reload compares with is not to change under it: the next look will want the same.
    if (isChange && this.rooms.life.state !== 'serving') return;
    this.choice = after;
    if (!isChange) return;
    this.rooms.takeOver(onlyForCalls(this.rooms.config(), this.loaded.under(after.inForce)));
    const about = `adaptive, ${before.inForce} -> ${after.inForce}: ${after.why}`;
    this.rooms.tell({
      kind: 'profileChanged',
      about,
      inputs: { from: before.inForce, to: after.inForce, ...look },
    });
  }
}
