#!/usr/bin/env bash
# Starts the installed dockerd in the background and waits until its socket answers. Called by up.sh, under its lock.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/lib.sh"
# shellcheck source=tools/engine/leftovers.sh
source "$here/leftovers.sh"

main() {
  export PATH="$engine_root/usr/sbin:$engine_root/usr/bin:$PATH"
  if ! engine_pid > /dev/null; then
    check_kernel
    use_iptables || refuse "iptables does not work here, so containers could have no network"
    launch
  fi
  say "waiting for the engine"
  wait_for 60 answers_or_died || true
  engine_docker version > /dev/null 2>&1 || refuse "dockerd did not come up: $(tail -n 1 "$engine_log")"
}

check_kernel() {
  local controller
  for controller in memory pids; do
    if [[ ! -d "/sys/fs/cgroup/$controller" ]] &&
      ! grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers 2> /dev/null; then
      refuse "no $controller cgroup is mounted, and containers need it for their limits"
    fi
  done
  unshare --mount --pid --fork --net true 2> /dev/null || refuse "this kernel or sandbox refuses new namespaces"
}

# The storage driver is the daemon's own choice: overlay2 where the file system can, else vfs.
launch() {
  say "starting dockerd in $engine_dir"
  remove_leftovers
  [[ -s "$engine_dir/network" ]] || remember_network
  mkdir -p "$engine_dir/run" "$engine_dir/data"
  setsid dockerd --config-file=/dev/null --host="unix://$engine_socket" --pidfile="$engine_pid_file" \
    --data-root="$engine_dir/data" --exec-root="$engine_dir/run/exec" --group=root --cgroup-parent="/$engine_cgroup" \
    < /dev/null > "$engine_log" 2>&1 &
  launched=$!
}

answers_or_died() {
  engine_docker version || ! kill -0 "${launched:-$(engine_pid)}"
}

main
