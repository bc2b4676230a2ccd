#!/bin/sh
# Puts hook-supervisor into a devcontainer. As root: install.sh SOURCE USER; SOURCE is a clone or a tarball of `npm pack`.
set -eu

source=${1:?a clone or a tarball}
user=${2:?which user?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

missing=
command -v gcc >/dev/null && [ -e /usr/include/stdio.h ] || missing="gcc libc6-dev"
command -v make >/dev/null || missing="$missing make"
command -v python3 >/dev/null || missing="$missing python3"
if [ -n "$missing" ]; then
  apt-get update
  # shellcheck disable=SC2086  # a list of packages
  apt-get install -y --no-install-recommends $missing
fi

tarball=$source
if [ -d "$source" ]; then
  # A copy: what root builds in the user's clone, the user could not build again.
  cp -R "$source" "$work/clone"
  (cd "$work/clone" && npm ci && npm pack --pack-destination "$work")
  tarball=$(echo "$work"/hook-supervisor-*.tgz)
fi
npm install --global "$tarball"

install -m 0755 "$(npm root --global)/hook-supervisor/docker/delegate.sh" /usr/local/bin/hook-supervisor-delegate
install -d -m 0700 -o "$user" -g "$(id -gn "$user")" /run/hook-supervisor
