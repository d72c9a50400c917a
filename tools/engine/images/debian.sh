#!/usr/bin/env bash
# Makes debian:trixie-slim by debootstrap, with what the host needs to reach its package registries (mirrors, CA
# bundle), so that a Dockerfile that starts from it stays as it would be anywhere.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/engine/lib.sh
source "$here/../lib.sh"

tag=$1
suite=trixie
ca_bundle=/etc/ssl/host-ca-certificates.crt # not the name that installing ca-certificates overwrites

main() {
  [[ $(id -u) == 0 ]] || refuse "no registry is reached, and only root can make $tag"
  command -v debootstrap > /dev/null || refuse "no registry is reached, and debootstrap is missing to make $tag"
  mirror=$(debian_mirror Debian)
  [[ -n "$mirror" ]] || refuse "no registry is reached, and no Debian mirror is known to make $tag"
  root=$(mktemp -d "${TMPDIR:-/tmp}/jobcell-debian.XXXXXX")
  trap 'rm -rf "$root"' EXIT
  chmod 755 "$root"
  debootstrap --variant=minbase "$suite" "$root" "$mirror" > "$root.log" 2>&1 ||
    refuse "debootstrap failed: $(tail -n 1 "$root.log")"
  rm -f "$root.log"
  write_apt_settings
  write_host_settings
  slim
  tar -C "$root" --numeric-owner -c . | "$DOCKER_CLI" import "${changes[@]}" - "$tag" > /dev/null
}

write_apt_settings() {
  local security
  security=$(debian_mirror Debian-Security)
  rm -f "$root/etc/apt/sources.list"
  {
    stanza "$mirror" "$suite $suite-updates"
    if [[ -n "$security" ]]; then stanza "$security" "$suite-security"; fi
  } > "$root/etc/apt/sources.list.d/debian.sources"
  # As in the official image: nothing is kept of a download, and what slim() removes does not come back.
  cat > "$root/etc/apt/apt.conf.d/docker-clean" << 'CONF'
APT::Keep-Downloaded-Packages "false";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
CONF
  cat > "$root/etc/dpkg/dpkg.cfg.d/docker" << 'CONF'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
CONF
}

stanza() {
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' "$1" "$2" \
    /usr/share/keyrings/debian-archive-keyring.gpg
}

# The host's own settings of apt, pip and npm, where it has any.
write_host_settings() {
  local value
  changes=(--change 'CMD ["bash"]')
  apt-config dump --format '%f "%v";%n' 2> /dev/null |
    grep -E '^Acquire::(Check-(Valid-Until|Date)|https?::proxy) "..*";$' > "$root/etc/apt/apt.conf.d/99host" || true
  if [[ -s /etc/ssl/certs/ca-certificates.crt ]]; then
    install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root$ca_bundle"
    for value in PIP_CERT NODE_EXTRA_CA_CERTS SSL_CERT_FILE; do changes+=(--change "ENV $value=$ca_bundle"); done
  fi
  value=${PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2> /dev/null || true)}
  if [[ -n "$value" ]]; then changes+=(--change "ENV PIP_INDEX_URL=$value"); fi
  value=$(npm config get registry 2> /dev/null || true)
  if [[ -n "$value" && "$value" != "$(npm_default_registry)" ]]; then
    changes+=(--change "ENV NPM_CONFIG_REGISTRY=$value")
  fi
}

npm_default_registry() {
  env -i "PATH=$PATH" npm config get registry --userconfig=/dev/null --globalconfig=/dev/null 2> /dev/null
}

slim() {
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  find "$root/usr/share/doc" -depth -type d -empty -delete
  rm -rf "$root"/usr/share/{info,locale,man}/* "$root"/var/lib/apt/lists/* "$root"/var/cache/{apt,debconf,ldconfig}/* \
    "$root"/var/log/* "$root"/tmp/* "$root"/var/tmp/* "$root/etc/machine-id" "$root/etc/hostname" \
    "$root/etc/resolv.conf"
  : > "$root/etc/machine-id"
}

main
