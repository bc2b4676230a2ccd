/** How the starts of an interpreter went, and when it is given up: trying on would only burn time. Later it is tried again:
 *  an upgrade of it, or of us, may have been under way. Its calls go to `exec` meanwhile. */
import { LIMITS } from '../contract/limits.js';

/** The worker's own word that no start of this interpreter will do. */
const UNSUITABLE_STATUS = 78;
const WORDS_MAX = 160;

export class Starts {
  private deaths = 0;
  private words = '';
  private givenUpAtMs = 0;
  /** Why it is not kept warm; undefined while it is, or may yet be. */
  unsuitable: string | undefined;
  /** It keeps some of its internals elsewhere than those we know. */
  isUnknown = false;

  /** @param timesBefore the same interpreter was given up, one time after the other. */
  constructor(readonly timesBefore: number) {}

  /** What a failing start has said. */
  failed(text: string): void {
    this.words = tellingLine(text);
  }

  parked(isUnknown: boolean): void {
    this.deaths = 0;
    this.isUnknown = isUnknown;
  }

  /** @param waitStatus as waitpid gives it.
   *  @returns whether this was the death to give up at. */
  died(waitStatus: number, nowMs: number): boolean {
    this.deaths++;
    const isHopeless = waitStatus === UNSUITABLE_STATUS << 8;
    if (this.unsuitable !== undefined || (!isHopeless && this.deaths < LIMITS.startDeathsMax)) return false;
    this.givenUpAtMs = nowMs;
    this.unsuitable = `this interpreter or environment cannot be kept warm: ${endText(waitStatus)}: ${this.words || 'keeper.log may say why'}`;
    return true;
  }

  get retryAfterMs(): number {
    return Math.min(LIMITS.givenUpFirstMs * 2 ** this.timesBefore, LIMITS.givenUpMaxMs);
  }

  isRetryDue(nowMs: number): boolean {
    return this.unsuitable !== undefined && nowMs >= this.givenUpAtMs + this.retryAfterMs;
  }
}

function endText(waitStatus: number): string {
  const signal = waitStatus & 127;
  return signal === 0 ? `exit status ${waitStatus >> 8}` : `signal ${signal}`;
}

/** Of an uncaught error the message, not the place; one line, since it stands in `status`. */
function tellingLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const line =
    lines.find((one) => /^([A-Z]\w*)?Error\b|^cannot park/.test(one)) ?? lines.find((one) => one !== '') ?? '';
  return line.slice(0, WORDS_MAX);
}
