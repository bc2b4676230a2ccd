#!/bin/sh
# First process of the container: hands a cgroup to the user where it may, and becomes that user for good.
set -eu

user=hook
hook-supervisor-delegate "$user" || : # it has said what is reduced
[ "$(id -u)" = 0 ] || exec "$@"
exec setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"
