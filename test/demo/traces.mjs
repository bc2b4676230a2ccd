// What the demo has left behind: two snapshots in, for each kind what is ours out. Pure. On a machine where others start
// and end things meanwhile, something new is excused only if it is shown to be theirs; what cannot be told counts as ours.

/** @param own { pid, folder }: the process that took the snapshots and adopts all orphans below it, and a folder whose
 *  name stands in the environment of all it started.
 *  @returns [{ kind, ours: text[], unclear: text[], theirs: number, all: number }]; unclear: a later look may tell. */
export function tracesOf(before, after, own) {
  const judge = judgeOf(after, own);
  return [
    judged('processes', before.processes, after.processes, judge.process),
    judged('/proc/net/unix', before.sockets, after.sockets, judge.socket),
    withPlace(judged('cgroup tree', before.groups, after.groups, judge.group), before, after),
    filesOf(before, after),
  ];
}

/** For a process, a socket, a group of `after`: { whose: 'ours' | 'theirs' | 'unclear', text }. */
function judgeOf(after, own) {
  const byPid = new Map([...after.processes.values()].map((process) => [process.pid, process]));
  const ownerOf = (pid) => {
    if (pid === 0) return 'theirs'; // a process of another pid namespace: ours are in this one
    // An orphan goes to the nearest ancestor that adopts, which is `own` or below it: whoever came from us still hangs
    // below us.
    for (let one = byPid.get(pid); one !== undefined; one = byPid.get(one.parentPid)) {
      if (one.pid === own.pid || one.told.includes(own.folder)) return 'ours';
      if (one.parentPid === 0) return 'theirs';
    }
    return 'unclear'; // its parent has ended between two looks
  };
  const ownerOfAll = (pids) => {
    const owners = pids.map(ownerOf);
    return ['ours', 'theirs'].find((owner) => owners.includes(owner)) ?? 'unclear';
  };
  const noneIsOurs = [...byPid.keys()].every((pid) => pid === own.pid || ownerOf(pid) === 'theirs');
  return {
    process({ pid, command, hasEnded }) {
      const whose = ownerOf(pid);
      if (whose === 'ours' && hasEnded) return { whose: 'unclear', text: `${pid} ${command} has ended, is not reaped` };
      return { whose, text: `${pid} ${command}` };
    },
    socket(inodes, name) {
      if (name.includes(own.folder)) return { whose: 'ours', text: name };
      const whose = ownerOfAll(inodes.flatMap((inode) => after.holders.get(inode) ?? []));
      // A socket lives as long as a process holds it, be it one that we may not look into.
      return { whose: whose === 'unclear' && noneIsOurs ? 'theirs' : whose, text: name };
    },
    group(_, folder) {
      const inside = [...after.groups].filter(([other]) => other === folder || other.startsWith(`${folder}/`));
      return { whose: ownerOfAll(inside.flatMap(([, pids]) => pids)), text: folder };
    },
  };
}

function judged(kind, before, after, judge) {
  const added = [...after].filter(([key]) => !before.has(key)).map(([key, value]) => judge(value, key));
  const of = (wanted) => added.filter(({ whose }) => whose === wanted).map(({ text }) => text);
  return { kind, ours: of('ours'), unclear: of('unclear'), theirs: of('theirs').length, all: after.size };
}

/** Nobody else moves us to another group, or changes what our group hands down. */
function withPlace(trace, before, after) {
  if (before.place === after.place) return trace;
  return { ...trace, ours: [...trace.ours, `this process was in ${before.place}, and is in ${after.place}`] };
}

/** The folders are the demo's own, and so is every difference. */
function filesOf(before, after) {
  const ours = [
    ...after.files.filter((file) => !before.files.includes(file)),
    ...before.files.filter((file) => !after.files.includes(file)).map((file) => `no longer: ${file}`),
  ];
  return { kind: 'runtime folder', ours, unclear: [], theirs: 0, all: after.files.length };
}
