// A snapshot of all that a supervisor could leave behind on this machine: processes, named sockets, cgroups, files.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const COMMAND_SHOWN_LENGTH = 120;

/**
 * processes: "PID START_TICKS" -> { pid, parentPid, hasEnded, command, told }; hasEnded: a zombie; told: its command line,
 *            environment and cwd, as far as we may look.
 * sockets:   name in /proc/net/unix -> inode numbers.
 * holders:   inode number of a socket -> pids that have it open, as far as we may look.
 * groups:    folder of a cgroup, v2 and v1 -> pids in it.
 * place:     our own cgroups, and the controllers that our v2 group hands down.
 * files:     those of `folders` that are there, and all that lies in them.
 */
export function takeSnapshot(folders) {
  const mounts = cgroupMounts();
  const processes = readProcesses();
  return {
    processes,
    sockets: readSockets(),
    holders: readHolders(processes),
    groups: new Map(mounts.flatMap(({ folder }) => groupsBelow(folder))),
    place: ownPlace(mounts),
    files: folders.flatMap(filesOf).sort(),
  };
}

function readProcesses() {
  const processes = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${pid}/stat`);
    // Field 2, the name, may hold blanks and brackets: count from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[19] === undefined) continue; // it has ended
    const name = stat.slice(stat.indexOf('('), stat.lastIndexOf(')') + 1);
    const words = read(`/proc/${pid}/cmdline`);
    const shown = words.replaceAll(/[\0\s]+/g, ' ').trim();
    processes.set(`${pid} ${fields[19]}`, {
      pid: Number(pid),
      parentPid: Number(fields[1]),
      hasEnded: fields[0] === 'Z',
      command: shown.slice(0, COMMAND_SHOWN_LENGTH) || name,
      told: `${words}\0${read(`/proc/${pid}/environ`)}\0${linkOf(`/proc/${pid}/cwd`)}`,
    });
  }
  return processes;
}

function readSockets() {
  const sockets = new Map();
  for (const line of read('/proc/net/unix').split('\n').slice(1)) {
    const [, inode, name] = /^(?:\S+ +){6}(\d+) (.+)$/.exec(line) ?? [];
    if (name !== undefined) sockets.set(name, [...(sockets.get(name) ?? []), Number(inode)]);
  }
  return sockets;
}

function readHolders(processes) {
  const holders = new Map();
  for (const { pid } of processes.values()) {
    for (const fd of names(`/proc/${pid}/fd`)) {
      const inode = Number(/^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]);
      if (!Number.isNaN(inode)) holders.set(inode, [...(holders.get(inode) ?? []), pid]);
    }
  }
  return holders;
}

function cgroupMounts() {
  return read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => ({ folder: line.split(' ')[4], type: / - (cgroup2?) /.exec(line)?.[1] }))
    .filter(({ type }) => type !== undefined);
}

function groupsBelow(folder) {
  const entries = readEntries(folder).filter((entry) => entry.isDirectory());
  const pids = read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  return [[folder, pids], ...entries.flatMap((entry) => groupsBelow(join(folder, entry.name)))];
}

function ownPlace(mounts) {
  const groups = read('/proc/self/cgroup').trim();
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.folder;
  const own = /^0::(.*)$/m.exec(groups)?.[1];
  if (unified === undefined || own === undefined) return groups;
  return `${groups}\nhands down: ${read(join(unified, own, 'cgroup.subtree_control')).trim()}`;
}

function filesOf(path) {
  const facts = quietly(() => lstatSync(path), undefined);
  if (facts === undefined) return [];
  return [path, ...(facts.isDirectory() ? names(path).flatMap((name) => filesOf(join(path, name))) : [])];
}

/** What has ended, or is not ours to look into, tells nothing. */
function quietly(look, otherwise) {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

const read = (file) => quietly(() => readFileSync(file, 'latin1'), '');
const linkOf = (path) => quietly(() => readlinkSync(path), '');
const names = (folder) => quietly(() => readdirSync(folder), []);
const readEntries = (folder) => quietly(() => readdirSync(folder, { withFileTypes: true }), []);
