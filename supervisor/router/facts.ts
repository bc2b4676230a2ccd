/** What the router needs to know of the host, as the real host answers. Tests bring their own. */
import { basename } from 'node:path';
import { systemClock } from '../contract/clock.js';
import { proveEnv } from './env-model.js';
import { createFileFacts, type FileLookup } from './file-facts.js';
import { LearnedShims } from './learned-shims.js';
import { Lookups } from './lookups.js';
import { Proofs } from './proofs.js';
import { Questions } from './questions.js';
import type { ShellModel } from './shell-environment.js';
import { proveShell } from './shell-model.js';
import { type Execution, TRACE_TIMEOUT_MS, traceShim } from './trace.js';

export interface Facts {
  file: FileLookup;
  /** Model of the shell at this absolute path; undefined: not proved (yet), or not one whose texts are recognised. */
  shell(path: string): ShellModel | undefined;
  /** Whether this is an `env` that does what env-argv.ts says. */
  isEnv(path: string): boolean;
  /** What this call of a shim becomes; a string: why that is not known, or not yet. */
  shim(call: Execution, cwd: string): Execution | string;
}

/** Shells of one user: a few paths, and their versions as packages are upgraded. */
const SHELLS_MAX = 16;
/** What agents run hooks with: proved before the first call. */
const COMMON_SHELLS = ['/bin/sh', '/bin/bash', '/usr/bin/bash'];
/** By other names it could be anybody's program, which is not run to find out. */
const ENVS = ['/usr/bin/env', '/bin/env'];
const ENVS_MAX = 8;

export interface HostFacts extends Facts {
  /** Which files the facts of a plan came from. */
  lookups: Lookups;
  /** A plan is to be made. */
  begin(): void;
  /** What that plan has asked in vain is found out, by running programs outside of any sandbox. */
  pursue(): void;
  /** Settles when the proofs under way are done. Nothing waits for a shim: a tracer that is killed is started again. */
  proved(): Promise<void>;
  /** From now on no shim is run to learn of it. */
  stop(): void;
}

/** @param tracer supervisor-tracer.
 *  @param onProved something is known of a program that was not when earlier plans were made. */
export function hostFacts(tracer: string, onProved: () => void): HostFacts {
  const lookups = new Lookups(createFileFacts());
  const file = lookups.look;
  const whenProved = () => {
    lookups.endEpoch();
    onProved();
  };
  const questions = new Questions();
  const shells = new Proofs<ShellModel | undefined>(SHELLS_MAX, whenProved, questions.put);
  const envs = new Proofs<boolean>(ENVS_MAX, whenProved, questions.put);
  const shims = new LearnedShims(
    lookups,
    (shim, cwd) => traceShim(tracer, shim, cwd, TRACE_TIMEOUT_MS),
    whenProved,
    systemClock,
    questions.put,
  );

  function shell(path: string): ShellModel | undefined {
    const facts = file(path);
    if (facts === undefined || !facts.executable) return undefined;
    // The name counts: bash is another shell when called sh.
    const key = [facts.realPath, basename(path), facts.stamp].join('\0');
    return shells.ask(key, () => proveShell(path, file));
  }

  function isEnv(path: string): boolean {
    const facts = ENVS.includes(path) ? file(path) : undefined;
    if (facts === undefined || facts.format !== 'elf') return false;
    return envs.ask(`${path}\0${facts.stamp}`, () => proveEnv(path)) === true;
  }

  for (const path of COMMON_SHELLS) shell(path);
  for (const path of ENVS) isEnv(path);
  questions.pursue();
  return {
    file,
    lookups,
    begin() {
      lookups.begin();
      questions.begin();
    },
    pursue: () => questions.pursue(),
    shell,
    isEnv,
    stop: () => shims.stop(),
    shim: (call, cwd) => shims.ask(call, cwd),
    proved: async () => void (await Promise.all([shells, envs].map((one) => one.settled()))),
  };
}
