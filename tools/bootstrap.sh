#!/bin/sh
# Runs a TypeScript tool of this repository on Node 24: brings the dependencies where they are missing or changed,
# and with them Node 24 itself (the npm package `node`) where the machine's own is older.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

own=$PWD/node_modules/node/bin/node
stamp=node_modules/.jobcell-lock

fail() {
  echo "jobcell: $1" >&2
  exit 1
}

# What the stamp holds once an installation is whole: the lockfile, and the kind of machine that it was made for.
wanted() {
  uname -sm
  cat package-lock.json
}

installed() {
  [ -f "$stamp" ] && wanted | cmp -s - "$stamp"
}

find_node() {
  [ -x "$own" ] && return
  host=$(node -p 'process.versions.node' 2>/dev/null || echo none)
  [ "${host%%.*}" != none ] && [ "${host%%.*}" -ge 24 ] && own=$(command -v node) && return
  fail "needs Node 24: this machine's is $host, and npm ci brought none (is npm's ignore-scripts on?)"
}

# One installation at a time: descriptor 9 is a lock, which the kernel frees whatever ends this shell.
lock() {
  exec 9<package-lock.json
  command -v flock >/dev/null || return 0
  flock -n 9 && return
  echo 'jobcell: waiting for another installation of the dependencies' >&2
  flock 9
}

install() {
  command -v npm >/dev/null || fail 'needs npm (of Node 18 or newer; Node 24 comes by itself)'
  for folder in . node_modules; do
    [ ! -e "$folder" ] || [ -w "$folder" ] ||
      fail "cannot install the dependencies: $(id -un 2>/dev/null || id -u) may not write to $PWD/$folder"
  done
  lock
  if ! installed; then
    echo 'jobcell: installing dependencies and Node 24 (npm ci)' >&2
    rm -f "$stamp"
    # In the background, so that a signal to this shell alone also ends npm.
    npm ci --include=dev --engine-strict=false --no-audit --no-fund --loglevel=error >/dev/null &
    npm=$!
    trap 'kill "$npm" 2>/dev/null; wait "$npm"; exit 130' INT TERM HUP
    wait "$npm" || fail 'cannot install the dependencies: npm ci failed'
    trap - INT TERM HUP
    find_node
    wanted >"$stamp.new"
    mv "$stamp.new" "$stamp"
  fi
  exec 9<&-
}

installed || install
find_node
PATH=$(dirname "$own"):$PWD/node_modules/.bin:$PATH
export PATH
exec "$own" "$@"
