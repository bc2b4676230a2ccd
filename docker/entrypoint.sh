#!/bin/sh
# First program of the container: hands a cgroup to the user where it may, and becomes that user for good. Where nobody else
# is process 1 (docker run --init), that stays a program which reaps orphans, passes signals on and ends as the command does.
set -eu

user=hook
hook-supervisor-delegate "$user" || : # it has said what is reduced
[ "$$" != 1 ] || set -- hook-supervisor-init "$@"
[ "$(id -u)" = 0 ] || exec "$@"
exec setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"
