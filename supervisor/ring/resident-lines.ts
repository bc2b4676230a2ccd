/** The talk with a resident worker of the `exec` runtime: a JSON object on each line of its stdin and stdout. It is not
 *  asked for signs of life: such a program needs to know nothing but questions. */
import { RESIDENT_MESSAGE_MAX_BYTES, RecordKind } from '../contract/wire.js';
import { LineBuffer } from './line-buffer.js';
import { fieldsOf } from './resident-answer.js';
import { type NotAsked, type Question, type ResidentEvents, ResidentTalk } from './resident-talk.js';

export interface ResidentLines {
  readonly unanswered: number;
  ask(question: Question): number | NotAsked;
  forget(askId: number): void;
  /** What it has written to its stdout. */
  take(bytes: Buffer): void;
  /** Tells nothing more. */
  close(): void;
}

const NEWLINE = 0x0a;
/** One after the other. A flood of them says nothing that could be wrong, and keeps the daemon from all else. */
const BLANK_LINES_MAX = 64;

/** @param write to its stdin; false: there is no room. */
export function openResidentLines(write: (line: Buffer) => boolean, events: ResidentEvents): ResidentLines {
  const talk = new ResidentTalk(undefined, (kind, id, text) => write(lineOf(kind, id, text)), events);
  const line = new LineBuffer();
  let blankLines = 0;
  let isClosed = false;

  function takeLine(text: string): string | undefined {
    if (text.trim() === '') return ++blankLines > BLANK_LINES_MAX ? 'blank lines without end' : undefined;
    blankLines = 0;
    const fields = fieldsOf(text);
    if (fields === undefined) return 'a line that is no JSON object';
    const kind = 'protocol' in fields ? RecordKind.READY : RecordKind.ANSWER;
    const id = kind === RecordKind.READY ? 0 : fields.id;
    if (typeof id !== 'number') return 'an answer without its number';
    return talk.faultOf(kind, id) ?? talk.take(kind, id, fields);
  }

  /** Up to a line's end, or all there is. @returns what is wrong. */
  function takePart(part: Buffer, isEnd: boolean): string | undefined {
    if (line.bytes + part.length > RESIDENT_MESSAGE_MAX_BYTES) return 'a line that is too long';
    line.add(part);
    return isEnd ? takeLine(line.take()) : undefined;
  }

  function close(): void {
    isClosed = true;
    talk.stop();
  }

  return {
    get unanswered() {
      return talk.unanswered;
    },
    ask: (question) => talk.ask(question),
    forget: (askId) => talk.forget(askId),
    take(bytes) {
      for (let at = 0; at < bytes.length && !isClosed; ) {
        const end = bytes.indexOf(NEWLINE, at);
        const fault = takePart(bytes.subarray(at, end < 0 ? bytes.length : end), end >= 0);
        if (fault !== undefined) {
          close();
          events.closed(fault);
        }
        at = end < 0 ? bytes.length : end + 1;
      }
    },
    close,
  };
}

function lineOf(kind: number, id: number, text: string): Buffer {
  return Buffer.from(kind === RecordKind.ASK ? `{"id":${id},${text.slice(1)}\n` : `{"id":${id},"forget":true}\n`);
}
