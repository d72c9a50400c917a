# shellcheck shell=bash
# Paths and small helpers that every script of this folder shares. Source it; it does nothing by itself.

engine_dir="${JOBCELL_ENGINE_DIR:-/var/lib/jobcell-engine}"
engine_root="$engine_dir/programs" # unpacked packages: usr/bin/docker, usr/sbin/dockerd, ...
engine_socket="$engine_dir/run/docker.sock"
engine_pid_file="$engine_dir/run/dockerd.pid"
engine_log="$engine_dir/dockerd.log"
export engine_dir engine_root engine_socket engine_pid_file engine_log

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
  pid=$(cat "$engine_pid_file" 2> /dev/null) || return 1
  tr '\0' '\n' < "/proc/$pid/cmdline" 2> /dev/null | grep -qxF -- "--pidfile=$engine_pid_file" || return 1
  printf '%s\n' "$pid"
}

# The docker command line that belongs to the private engine.
engine_docker() {
  DOCKER_HOST="unix://$engine_socket" DOCKER_CONFIG="$engine_dir/config" "$engine_root/usr/bin/docker" "$@"
}

# The host's mirror of Debian or Debian-Security, as its own package sources name it; empty where there is none.
debian_mirror() {
  # shellcheck disable=SC2016 # apt's own placeholders
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    awk -v label="$1" '$1 == label { sub("/$", "", $2); print $2; exit }'
}
