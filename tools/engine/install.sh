#!/usr/bin/env bash
# Puts a Docker engine (Debian trixie's) into a folder of its own, beside the host's packages, not among them.
# Only iptables, iproute2 and debootstrap become packages of the host. Idempotent.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/lib.sh"

suite=trixie
from_suite=(docker.io docker-cli containerd docker-compose docker-buildx tini)
from_host=(runc) # trixie's wants a newer libc than bookworm has

main() {
  if [[ ! -e "$engine_root/.complete" ]]; then
    rm -rf "$engine_root" "$engine_dir/packages"
    mkdir -p "$engine_root" "$engine_dir/packages"
    refresh_lists
    (download)
    unpack
    touch "$engine_root/.complete"
  fi
  install_host_packages iptables iproute2 debootstrap
  link_plugins
}

refresh_lists() {
  say "refreshing the host's package lists"
  apt-get update -qq >&2 || refuse "apt-get update failed"
}

download() {
  local mirror apt=(-qq -o "APT::Sandbox::User=root")
  mirror=$(debian_mirror Debian)
  [[ -n "$mirror" ]] || refuse "no Debian mirror in the host's package sources"
  say "downloading ${from_suite[*]} ${from_host[*]}"
  cd "$engine_dir/packages"
  apt-get "${apt[@]}" download "${from_host[@]}" >&2 || refuse "apt-get could not download ${from_host[*]}"
  # A private apt state: the system's sources and lists stay as they are.
  mkdir -p lists/partial cache/archives/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$suite.list"
  apt+=(-o "Dir::Etc::sourcelist=$PWD/$suite.list" -o "Dir::Etc::sourceparts=/dev/null"
    -o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache")
  apt-get "${apt[@]}" update >&2 || refuse "apt-get could not read the lists of $suite"
  apt-get "${apt[@]}" download "${from_suite[@]}" >&2 || refuse "apt-get could not download ${from_suite[*]}"
}

unpack() {
  say "unpacking"
  local package
  for package in "$engine_dir"/packages/*.deb; do dpkg-deb -x "$package" "$engine_root"; done
  ln -sf ../bin/tini-static "$engine_root/usr/sbin/docker-init"
  rm -rf "$engine_dir/packages"
}

install_host_packages() {
  local name missing=()
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2> /dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  apt-cache policy "${missing[@]}" 2> /dev/null | grep -qE "Candidate: [0-9]" || refresh_lists
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null 2>&1 ||
    refuse "apt-get could not install ${missing[*]}"
}

# The command line finds compose and buildx in the folder DOCKER_CONFIG names.
link_plugins() {
  mkdir -p "$engine_dir/config"
  ln -sfn "$engine_root/usr/libexec/docker/cli-plugins" "$engine_dir/config/cli-plugins"
}

main
