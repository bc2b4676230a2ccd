import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg, release, totalmem } from 'node:os';

/** What a figure depends on. */
export function machineFacts(python) {
  const cpuInfo = readFileSync('/proc/cpuinfo', 'utf8');
  return {
    processor: /^model name\s*:\s*(.*)$/m.exec(cpuInfo)?.[1] ?? process.arch,
    virtualised: /^flags\s*:.*\bhypervisor\b/m.test(cpuInfo),
    processorsUsable: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    python: `${python.version} (${python.file})`,
    loadAverage: loadavg()[0],
  };
}
