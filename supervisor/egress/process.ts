/** The daemon's side of one proxy: started with the keeper of its pool, confined, and gone with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Confinement } from '../contract/confinement.js';
import { LIMITS } from '../contract/limits.js';
import type { Native } from '../native.js';
import { type EgressCounts, type EgressRefusal, parseReport } from './report.js';

export interface EgressOptions {
  native: Pick<Native, 'entrancePair' | 'closeFd'>;
  /** supervisor-confine, and the script of the proxy. */
  launcherFile: string;
  programFile: string;
  /** What the proxy reads: system files, its Node and its code. */
  read: readonly string[];
  /** Where its last words go. */
  logFd: number;
  onRefusal(refusal: EgressRefusal): void;
}

export interface Egress {
  readonly pid: number;
  /** For the keeper, over which sandboxes send their doors; ours to close once the keeper has it. */
  readonly doorFd: number;
  readonly counts: EgressCounts;
  /** Once it has ended; at once if it has. */
  whenGone(callback: () => void): void;
  kill(): void;
}

/** Undefined: it could not be started.
 *  @param confinement of the hooks. The proxy enters the same layers, but for the network, and sees less. */
export function startEgress(
  options: EgressOptions,
  { layers }: Pick<Confinement, 'layers'>,
  allow: readonly string[],
): Egress | undefined {
  const [ours, theirs] = options.native.entrancePair();
  const child = spawn(options.launcherFile, egressArgv(options, layers, allow), {
    ...{ cwd: '/', env: {}, argv0: 'supervisor-confine' },
    stdio: ['ignore', 'pipe', options.logFd, theirs],
  });
  options.native.closeFd(theirs);
  child.on('error', () => {}); // told by the missing pid
  if (child.pid === undefined) {
    options.native.closeFd(ours);
    return undefined;
  }
  const counts: EgressCounts = { passed: 0, refused: 0 };
  readReports(child, counts, options.onRefusal);
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    ...{ pid: child.pid, doorFd: ours, counts },
    whenGone: (callback) => void gone.then(callback),
    kill: () => void child.kill('SIGKILL'),
  };
}

function egressArgv(
  { programFile, read }: EgressOptions,
  layers: Confinement['layers'],
  allow: readonly string[],
): string[] {
  const node = [process.execPath, `--max-old-space-size=${LIMITS.egressMemoryMaxMib}`, programFile];
  return [
    ...['--level', 'untrusted', '--layers', layers.filter((name) => name !== 'networkNamespace').join(',')],
    ...['--network', 'host', '--order-fd', '3', ...read.flatMap((path) => ['--read', path])],
    ...['--', ...node, ...allow],
  ];
}

function readReports(child: ChildProcess, counts: EgressCounts, onRefusal: (refusal: EgressRefusal) => void): void {
  let text = '';
  child.stdout?.setEncoding('latin1').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const report = parseReport(line);
      // What talks otherwise is not our program any more: somebody else has its descriptors, and the network of the host.
      if (report === undefined) return void child.kill('SIGKILL');
      counts.passed = report.passed;
      counts.refused = report.refused;
      report.refusals.forEach(onRefusal);
    }
    if (text.length > LIMITS.egressReportMaxBytes) child.kill('SIGKILL');
  });
}
