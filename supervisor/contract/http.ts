/** Hooks that an agent asks for by HTTP: what daemon, command line and settings files have to agree on. */
import type { Level } from './call.js';

/** Never another address: whoever can reach the port is one guess of the token away from running hooks. */
export const HTTP_ADDRESS = '127.0.0.1';
export const HTTP_HOOK_PATH = '/hook/';
export const HTTP_HOOK_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** In the agent's environment, so that its settings need not hold the token. Does not begin as the variables that configure a
 *  daemon do: with one of those no client starts one. */
export const HTTP_TOKEN_VARIABLE = 'HOOK_SUPERVISOR_TOKEN';

/** In the state folder. */
export const HTTP_TOKEN_FILE = 'http-token';
export const HTTP_HOOKS_FILE = 'http-hooks.json';

/** What stands behind a name. */
export interface HttpHook {
  /** A text for /bin/sh, or, with `args`, a program. */
  command: string;
  args: readonly string[] | undefined;
  /** 0: as the configuration has it for all. */
  timeoutMs: number;
  level: Level | undefined;
  /** What a failure is answered with: an error, or what exit 2 does on that event. */
  onFailure: 'continue' | 'block';
}

export const HTTP_REFUSALS = [
  'host',
  'origin',
  'token',
  'user',
  'method',
  'name',
  'type',
  'length',
  'event',
  'busy',
] as const;
/** `host`, `origin`: a browser, perhaps led here by a name that resolves to us. `user`: it has the token and another uid. */
export type HttpRefusal = (typeof HTTP_REFUSALS)[number];

export interface HttpStatus {
  port: number;
  connections: number;
  running: number;
  /** Hooks that ended by themselves, and those that did not. */
  answered: number;
  failed: number;
  refused: Partial<Record<HttpRefusal, number>>;
  /** Connections that were closed to make room. */
  crowdedOut: number;
}
