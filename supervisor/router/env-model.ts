/** Proves an `env` once: runs it on arguments whose outcome is foretold, and believes in the rules of env-argv.ts only if
 *  every byte is as expected. */
import { parseEnvArgv } from './env-argv.js';
import { runProof } from './run-proof.js';

const PROOF_ENV = ['PATH=/usr/bin:/bin', 'GONE=1', 'FIRST=1', 'REPLACED=old', 'LAST=1'];
const PROOF_ARGUMENTS = [
  '-S',
  '-u GONE REPLACED=new ADDED=x=y cat',
  '/proc/self/cmdline',
  '/proc/self/environ',
  '/proc/self/status',
];
/** Signals 32 and 33: C libraries keep them for themselves and leave them ignored in what they start. */
const LIBC_SIGNALS = 0b11n << 31n;

/** False: it behaves differently. 'unproved': it was stopped before it could show. */
export async function proveEnv(path: string): Promise<boolean | 'unproved'> {
  const said = await runProof(path, PROOF_ARGUMENTS, PROOF_ENV);
  if (said === undefined) return 'unproved';
  const foretold = parseEnvArgv([path, ...PROOF_ARGUMENTS], PROOF_ENV);
  if ('unsupported' in foretold) return false;
  const start = [...foretold.argv, ...foretold.env].map((text) => `${text}\0`).join('');
  return said.startsWith(start) && said.startsWith('Name:\tcat\n', start.length) && ignoresNothing(said);
}

function ignoresNothing(status: string): boolean {
  const ignored = /^SigIgn:\t([0-9a-f]{16})$/m.exec(status)?.[1];
  return ignored !== undefined && (BigInt(`0x${ignored}`) & ~LIBC_SIGNALS) === 0n;
}
