/** What the router needs to know of the host, as the real host answers. Tests bring their own. */
import { basename } from 'node:path';
import { createFileFacts, type FileLookup } from './file-facts.js';
import { Lookups } from './lookups.js';
import type { ShellModel } from './shell-environment.js';
import { proveShell } from './shell-model.js';

export interface Facts {
  file: FileLookup;
  /** Model of the shell at this absolute path; undefined: not proved (yet), or not one whose texts are recognised. */
  shell(path: string): ShellModel | undefined;
}

/** Shells of one user: a few paths, and their versions as packages are upgraded. */
const SHELLS_MAX = 16;
const PROOF_TRIES_MAX = 3;
/** What agents run hooks with: proved before the first call. */
const COMMON_SHELLS = ['/bin/sh', '/bin/bash', '/usr/bin/bash'];

export interface HostFacts extends Facts {
  /** Which files the facts of a plan came from. */
  lookups: Lookups;
  /** Settles when the proofs under way are done. */
  shellsProved(): Promise<void>;
}

/** @param onProved something is known of a shell that was not when earlier plans were made. */
export function hostFacts(onProved: () => void): HostFacts {
  const lookups = new Lookups(createFileFacts());
  const file = lookups.look;
  const models = new Map<string, ShellModel | undefined>();
  const proofs = new Set<Promise<void>>();
  const tries = new Map<string, number>();

  function shell(path: string): ShellModel | undefined {
    const facts = file(path);
    if (facts === undefined || !facts.executable) return undefined;
    // The name counts: bash is another shell when called sh.
    const key = [facts.realPath, basename(path), facts.stamp].join('\0');
    if (models.has(key) || models.size >= SHELLS_MAX) return models.get(key);
    models.set(key, undefined);
    const count = (tries.get(key) ?? 0) + 1;
    tries.set(key, count);
    const proof = proveShell(path, file).then((model) => {
      proofs.delete(proof);
      if (model !== 'unproved') models.set(key, model);
      else if (count < PROOF_TRIES_MAX) models.delete(key); // the next call tries again
      lookups.endEpoch();
      onProved();
    });
    proofs.add(proof);
    return undefined;
  }

  for (const path of COMMON_SHELLS) shell(path);
  return { file, lookups, shell, shellsProved: async () => void (await Promise.all(proofs)) };
}
