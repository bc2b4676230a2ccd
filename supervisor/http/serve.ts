/** An event that has come by HTTP: hook -> call -> answer. */
import { answerOf, failureAnswer, type HttpAnswer } from '../agents/http/answer.js';
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { HttpHook } from '../contract/http.js';
import type { Caller } from '../intake/intake.js';
import { callOf } from './call.js';
import { HttpCaller, type HttpEnd } from './caller.js';
import { eventIn } from './event.js';
import type { Reply } from './server.js';

export interface ServeRooms {
  clock: Clock;
  home: string;
  env: NodeJS.ProcessEnv;
  /** What a hook inherits: there is no client whose state could be taken. */
  inherited: Buffer;
  hooks: { find(name: string): HttpHook | undefined };
  nextCallId(): number;
  take(call: Call, caller: Caller): void;
  tell(what: string): void;
}

export interface Serve {
  readonly answered: number;
  readonly failed: number;
  onEvent(name: string, body: Buffer, reply: Reply): () => void;
}

const NOTHING_TO_DO = () => {};

export function createServe(rooms: ServeRooms): Serve {
  const { clock, home, env, inherited, hooks, nextCallId, take, tell } = rooms;
  let answered = 0;
  let failed = 0;

  function onEvent(name: string, body: Buffer, reply: Reply): () => void {
    const receivedAtMs = clock.nowMs();
    const hook = hooks.find(name);
    if (hook === undefined) {
      reply.refuse({ status: 404, because: 'name', what: `no hook has the name ${name}` });
      return NOTHING_TO_DO;
    }
    const event = eventIn(body);
    if (typeof event === 'string') {
      reply.refuse({ status: 400, because: 'event', what: event });
      return NOTHING_TO_DO;
    }
    const blocks = hook.onFailure === 'block';
    const give = (end: HttpEnd) => {
      if (end.kind === 'ended') answered++;
      else failed++;
      const { status, body } = answerFor(event.name, end, blocks);
      reply.answer(status, body);
    };
    const call = callOf(hook, event, body, { id: nextCallId(), home, env, inherited, receivedAtMs });
    if (typeof call === 'string') {
      give({ kind: 'failed', what: call });
      return NOTHING_TO_DO;
    }
    const caller = new HttpCaller(give, tell);
    caller.attempt(() => take(call, caller));
    return () => caller.gone();
  }

  return {
    get answered() {
      return answered;
    },
    get failed() {
      return failed;
    },
    onEvent,
  };
}

function answerFor(event: string, end: HttpEnd, blocksOnFailure: boolean): HttpAnswer {
  return end.kind === 'ended'
    ? answerOf(event, end.end, blocksOnFailure)
    : failureAnswer(event, end.what, blocksOnFailure);
}
