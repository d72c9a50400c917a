#!/bin/sh
# Runs a TypeScript tool of this repository on Node 24: brings the dependencies when they are missing or changed,
# and Node 24 itself (the npm package `node`) where the machine's own is older.
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.jobcell-lock
if ! cmp -s package-lock.json "$stamp" 2>/dev/null; then
  echo 'jobcell: installing dependencies (npm ci)' >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json "$stamp"
fi

own=$PWD/node_modules/node/bin/node
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -ge 24 ] && [ ! -x "$own" ]; then own=$(command -v node); fi
[ -x "$own" ] || { echo "jobcell: needs Node 24 (found $major; the npm package 'node' brought none for this machine)" >&2; exit 1; }
PATH=$(dirname "$own"):$PWD/node_modules/.bin:$PATH
export PATH
exec "$own" "$@"
