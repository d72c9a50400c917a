# shellcheck shell=bash
# Paths and small helpers that every script of this folder shares. Source it; it does nothing by itself.

engine_dir="${JOBCELL_ENGINE_DIR:-/var/lib/jobcell-engine}"
engine_root="$engine_dir/programs" # unpacked packages: usr/bin/docker, usr/sbin/dockerd, ...
engine_socket="$engine_dir/run/docker.sock"
engine_pid_file="$engine_dir/run/dockerd.pid"
engine_log="$engine_dir/dockerd.log"
engine_cgroup="engine${engine_dir//[^a-zA-Z0-9]/-}" # the parent of the cgroups of all its containers
export engine_dir engine_root engine_socket engine_pid_file engine_log engine_cgroup

say() { printf 'engine: %s\n' "$*" >&2; }

# The one line that says why no engine can be had here.
refuse() {
  say "$*"
  exit 3
}

# Waits for a command to succeed, at most the given seconds.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# The pid of the dockerd that up.sh started, if it is alive and really is that one (pids get reused).
engine_pid() {
  local pid
  pid=$(cat "$engine_pid_file" 2> /dev/null) && [[ -d "/proc/$pid" ]] || return 1
  tr '\0' '\n' 2> /dev/null < "/proc/$pid/cmdline" | grep -qxF -- "--pidfile=$engine_pid_file" || return 1
  printf '%s\n' "$pid"
}

# The docker command line that belongs to the private engine.
engine_docker() {
  DOCKER_HOST="unix://$engine_socket" DOCKER_CONFIG="$engine_dir/config" "$engine_root/usr/bin/docker" "$@"
}

# Puts an iptables that works first on PATH: where the kernel lacks nftables only the older front end does.
use_iptables() {
  local flavour shims="$engine_dir/shims" tool
  for flavour in nft legacy; do
    "iptables-$flavour" --table nat --list-rules > /dev/null 2>&1 || continue
    mkdir -p "$shims"
    for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
      ln -sfn "$(command -v "${tool/tables/tables-$flavour}")" "$shims/$tool"
    done
    PATH="$shims:$PATH"
    return 0
  done
  return 1
}

# The host's mirror of Debian or Debian-Security, as its own package sources name it; empty where there is none.
debian_mirror() {
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    awk -v label="$1" '$1 == label { sub("/$", "", $2); print $2; exit }'
}
