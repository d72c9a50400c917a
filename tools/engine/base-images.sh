#!/usr/bin/env bash
# Makes sure that the engine has the images that the Dockerfiles start from: pulled where a registry is reached,
# else made from Debian's and npm's packages under the same names.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/lib.sh"

main() {
  load_engine
  exec 9> "${TMPDIR:-/tmp}/jobcell-base-images.$(id -u).lock"
  flock 9
  provide debian:trixie-slim "$here/images/debian.sh"
  provide node:24-trixie-slim "$here/images/node.sh"
  provide redis:8 "$here/images/redis.sh"
}

load_engine() {
  local line lines
  lines=$("$here/up.sh") || exit
  while IFS= read -r line; do export "${line?}"; done <<< "$lines"
}

provide() {
  local tag=$1 make=$2
  "$DOCKER_CLI" image inspect "$tag" > /dev/null 2>&1 && return
  if pull "$tag"; then return; fi
  say "making $tag from packages"
  "$make" "$tag" 9>&-
}

# Where no registry is reached this is known after the first try.
registry_reached=true
pull() {
  [[ $registry_reached == true ]] || return 1
  say "pulling $1"
  timeout 300 "$DOCKER_CLI" pull --quiet "$1" > /dev/null 2>&1 9>&- && return
  say "no registry is reached"
  registry_reached=false
  return 1
}

main
