#!/bin/sh
# Hands a cgroup of this container to a user, whose daemon can then limit what hooks use. For root, where the cgroup is
# writable. Usage: delegate.sh USER [CGROUP_FOLDER [LIST_OF_FILES]]. Exit: 0 handed over, also if it was before; 1 it may
# not be: one line says why and what that means, and the groups are as they were.
set -u

user=${1:?which user?}
root=${2:-/sys/fs/cgroup}
list=${3:-/sys/kernel/cgroup/delegate}
group=$root/hook-supervisor
tries_max=50
LC_ALL=C
export LC_ALL

reduced() {
  printf 'hook-supervisor: no cgroup of its own (%s): no process limit, memory by polling only\n' "$1" >&2
  exit 1
}

move_all() { # move_all FROM TO; who ends in between is none of ours any more
  while read -r pid; do
    { echo "$pid" > "$2/cgroup.procs"; } 2>/dev/null
  done < "$1/cgroup.procs"
}

turn_on() {
  { echo "+$1" > "$root/cgroup.subtree_control"; } 2>/dev/null
}

give_up() {
  move_all "$group" "$root"
  rmdir "$group" 2>/dev/null
  reduced "$1"
}

[ "$(id -u)" = 0 ] || reduced 'only root can hand one over: start the container as root, it becomes the user afterwards'
[ -r "$root/cgroup.controllers" ] || reduced "no cgroup v2 at $root"
[ -r "$list" ] || reduced "$list is not there"
[ ! -d "$group" ] || [ "$(stat -c %U "$group")" != "$user" ] || exit 0
# A mount that shows the tree of the host would lead out of the limits of this container: it has groups that we are not
# in, and its root has no events.
[ -e "$root/cgroup.events" ] || reduced "$root is the root of the host"
grep -qx "$$" "$root/cgroup.procs" || reduced "$root is not the group of this container"
why=$(mkdir "$group" 2>&1) || reduced "${why##*: }; docker run --security-opt writable-cgroups=true"

# The kernel distributes memory only below a group without processes. Process 1 moves too: container runtimes put what
# `docker exec` starts where it is. Until all have left, and those they start meanwhile, the answer is EBUSY.
tries=0
until move_all "$root" "$group" && turn_on memory; do
  tries=$((tries + 1))
  [ "$tries" -lt "$tries_max" ] || give_up 'the memory controller cannot be had'
  sleep 0.02
done
turn_on pids || give_up 'the pids controller cannot be had'
for controller in cpu io cpuset; do turn_on "$controller" || :; done # hooks can do without

# No more than the kernel names: the limits of the group itself stay root's.
why=$(chown "$user" "$group" 2>&1) || give_up "${why##*: }"
while read -r file; do
  [ ! -e "$group/$file" ] || chown "$user" "$group/$file"
done < "$list"
