/** What the router needs to know of the host, as the real host answers. Tests bring their own. */
import { basename } from 'node:path';
import { createFileFacts, type FileLookup } from './file-facts.js';
import type { ShellModel } from './shell-environment.js';
import { proveShell } from './shell-model.js';

export interface Facts {
  file: FileLookup;
  /** Model of the shell at this absolute path; undefined: not proved (yet), or not one whose texts are recognised. */
  shell(path: string): ShellModel | undefined;
}

/** Shells of one user: a few paths, and their versions as packages are upgraded. */
const SHELLS_MAX = 16;
/** What agents run hooks with: proved before the first call. */
const COMMON_SHELLS = ['/bin/sh', '/bin/bash', '/usr/bin/bash'];

export interface HostFacts extends Facts {
  /** Settles when the proofs under way are done. */
  shellsProved(): Promise<void>;
}

export function hostFacts(): HostFacts {
  const file = createFileFacts();
  const models = new Map<string, ShellModel | undefined>();
  const proofs = new Set<Promise<void>>();

  function shell(path: string): ShellModel | undefined {
    const facts = file(path);
    if (facts === undefined || !facts.executable) return undefined;
    // The name counts: bash is another shell when called sh.
    const key = [facts.realPath, basename(path), facts.stamp].join('\0');
    if (models.has(key) || models.size >= SHELLS_MAX) return models.get(key);
    models.set(key, undefined);
    const proof = proveShell(path, file).then((model) => {
      models.set(key, model);
      proofs.delete(proof);
    });
    proofs.add(proof);
    return undefined;
  }

  for (const path of COMMON_SHELLS) shell(path);
  return { file, shell, shellsProved: async () => void (await Promise.all(proofs)) };
}
