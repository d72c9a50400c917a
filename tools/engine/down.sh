#!/usr/bin/env bash
# Stops the engine that up.sh started, and nothing else. Images stay for the next start.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/lib.sh"
# shellcheck source=tools/engine/leftovers.sh
source "$here/leftovers.sh"

main() {
  local pid
  [[ -d "$engine_root" ]] || return 0 # up.sh never brought one up
  exec 9> "$engine_dir/lock"
  flock 9
  if pid=$(engine_pid); then
    remove_containers
    say "stopping dockerd $pid"
    kill -TERM "$pid"
    wait_for 30 not_running "$pid" || kill -KILL "$pid"
    wait_for 5 not_running "$pid" || true
  fi
  remove_leftovers
  if [[ -s "$engine_dir/network" ]]; then use_iptables && restore_network; fi
}

# Else the daemon gives each container ten seconds.
remove_containers() {
  local containers
  mapfile -t containers < <(timeout 10 "$engine_root/usr/bin/docker" --host "unix://$engine_socket" ps --quiet)
  if ((${#containers[@]})); then engine_docker rm --force "${containers[@]}" > /dev/null 2>&1 || true; fi
  timeout 20 "$engine_root/usr/bin/docker" --host "unix://$engine_socket" network prune --force > /dev/null || true
}

not_running() { ! kill -0 "$1" 2> /dev/null; }

main
