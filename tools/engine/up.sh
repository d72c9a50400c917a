#!/usr/bin/env bash
# Makes sure that a Docker engine answers. Prints how to reach it as KEY=VALUE lines on stdout, progress on stderr.
# An engine that is already there is used as it is. Exit status 3: none is there and none can be brought up.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/lib.sh"

main() {
  if use_existing; then return; fi
  check_host
  mkdir -p "$engine_dir"
  exec 9> "$engine_dir/lock"
  flock 9
  if use_private; then return; fi # another caller was faster
  "$here/install.sh" 9>&-
  "$here/start.sh" 9>&-
  use_private
}

# DOCKER_HOST or the default socket first, then an engine that an earlier call started.
use_existing() {
  local cli=${DOCKER_CLI:-$(command -v docker)}
  if [[ -n "$cli" && "${DOCKER_HOST:-}" != "unix://$engine_socket" ]] && timeout 5 "$cli" version > /dev/null 2>&1; then
    say "using the engine that is here: $(describe "$cli")"
    printf 'DOCKER_HOST=%s\nDOCKER_CLI=%s\n' "$("$cli" context inspect --format '{{.Endpoints.docker.Host}}')" "$cli"
    if [[ -n "${DOCKER_CONFIG:-}" ]]; then printf 'DOCKER_CONFIG=%s\n' "$DOCKER_CONFIG"; fi
    return
  fi
  host_is_ours && use_private
}

host_is_ours() { [[ -z "${DOCKER_HOST:-}" || "$DOCKER_HOST" == "unix://$engine_socket" ]]; }

use_private() {
  timeout 5 "$engine_root/usr/bin/docker" --host "unix://$engine_socket" version > /dev/null 2>&1 || return 1
  say "using the engine in $engine_dir: $(describe engine_docker)"
  printf 'DOCKER_HOST=unix://%s\nDOCKER_CLI=%s\nDOCKER_CONFIG=%s\n' \
    "$engine_socket" "$engine_root/usr/bin/docker" "$engine_dir/config"
}

describe() {
  "$1" info --format 'Docker {{.ServerVersion}}, storage {{.Driver}}, cgroup v{{.CgroupVersion}}'
}

check_host() {
  host_is_ours || refuse "DOCKER_HOST=$DOCKER_HOST does not answer"
  [[ $(uname -s) == Linux ]] || refuse "no Docker engine answers, and this is not Linux: start Docker"
  [[ $(id -u) == 0 ]] || refuse "no Docker engine answers, and only root can bring one up"
  if ! grep -qx 'ID=debian' /etc/os-release 2> /dev/null || ! command -v apt-get > /dev/null; then
    refuse "no Docker engine answers, and this is not Debian: install and start Docker"
  fi
  # A second engine on one host would take docker0 from the first.
  if grep -qsx dockerd /proc/[0-9]*/comm && ! engine_pid > /dev/null; then
    refuse "a dockerd runs that does not answer: look at it, or point DOCKER_HOST at its socket"
  fi
}

main
