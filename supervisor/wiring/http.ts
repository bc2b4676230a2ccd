/** The listener for agents' `http` hooks, where the configuration wants one. A daemon that cannot have it serves all others. */
import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import { HTTP_ADDRESS, HTTP_HOOKS_FILE, HTTP_TOKEN_FILE, type HttpStatus } from '../contract/http.js';
import { LIMITS } from '../contract/limits.js';
import type { Degraded } from '../contract/status.js';
import { HttpHooks } from '../http/hooks.js';
import { createServe } from '../http/serve.js';
import { type HttpListener, openHttp } from '../http/server.js';
import { tokenIn } from '../http/token.js';
import { ownInherited } from '../intake/inherited.js';
import type { Caller } from '../intake/intake.js';

export interface HttpRooms {
  clock: Clock;
  uid: number;
  /** In force now. */
  config(): Config;
  /** Of the daemon before this one; undefined where it had none. */
  inheritedFd: number | undefined;
  nextCallId(): number;
  take(call: Call, caller: Caller): void;
  warn(what: string): void;
}

export interface Http {
  /** null: none is wanted, or none can be had. */
  status(): HttpStatus | null;
  /** Requests that have begun. */
  running(): number;
  readonly degraded: readonly Degraded[];
  /** Of its socket; -1 without one. */
  descriptor(): number;
  close(): void;
}

export const NO_HTTP: Http = {
  status: () => null,
  running: () => 0,
  degraded: [],
  descriptor: () => -1,
  close() {},
};

export async function startHttp(rooms: HttpRooms): Promise<Http> {
  const { clock, uid, config, nextCallId, take, warn } = rooms;
  const { homeFolder, stateFolder, http } = config();
  const inheritedFd = http.on ? rooms.inheritedFd : dropped(rooms.inheritedFd);
  if (!http.on) return NO_HTTP;
  const tokenFile = join(stateFolder, HTTP_TOKEN_FILE);
  const token = tokenIn(tokenFile, uid);
  if (!token.ok) {
    return without(token.why, `remove ${tokenFile}, restart, and give the agent the new token`);
  }
  const serve = createServe({
    ...{ clock, nextCallId, take, tell: warn, env: process.env, inherited: ownInherited(), home: homeFolder },
    hooks: new HttpHooks(join(stateFolder, HTTP_HOOKS_FILE), uid, () => config().http),
  });
  const { port } = http;
  const ready = { isRightToken: token.isRightHeader, onEvent: serve.onEvent, onRefused: teller(clock, warn), uid };
  let listener: HttpListener;
  try {
    listener = await openHttp({ ...ready, port, inheritedFd });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return without(
      `${HTTP_ADDRESS}:${port} cannot be had (${code}); whoever has it gets what agents send there, the token too`,
      `see who has it (ss -ltnp), or change http.port; remove ${tokenFile} and restart if you do not know them`,
    );
  }
  return {
    status: () => ({ ...listener.status(), answered: serve.answered, failed: serve.failed }),
    running: () => listener.status().running,
    degraded: [],
    descriptor: () => listener.descriptor(),
    close: () => listener.close(),
  };
}

/** The socket that a predecessor has handed over; it hands over something else where it had none. */
export function inheritedListener(fd: number): number | undefined {
  return fstatSync(fd).isSocket() ? fd : dropped(fd);
}

function dropped(fd: number | undefined): undefined {
  if (fd !== undefined) closeSync(fd);
}

function without(reason: string, remedy: string): Http {
  return { ...NO_HTTP, degraded: [{ layer: 'http', reason, remedy }] };
}

/** Anybody on the machine can be refused as often as they like: the log is not to be full of it. */
function teller(clock: Clock, warn: (what: string) => void): (refused: { what: string }) => void {
  let dueMs = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return ({ what }) => {
    untold++;
    if (clock.nowMs() < dueMs) return;
    warn(`http: ${what}; ${untold} refused since the last such line`);
    dueMs = clock.nowMs() + LIMITS.httpRefusalsToldEveryMs;
    untold = 0;
  };
}
