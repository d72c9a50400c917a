# shellcheck shell=bash
# What an engine leaves behind, mostly one that was killed: its processes, mounts, cgroups and network. Source it
# after lib.sh. Only things that carry this engine's own folder or names are touched.
# shellcheck disable=SC2154 # lib.sh sets the names

# Call it only when the engine's dockerd is gone.
remove_leftovers() {
  end_processes
  remove_mounts
  remove_cgroups
  rm -rf "$engine_dir/run"
}

# The engine's daemons (not command lines in use) and what runs in its containers.
engine_processes() {
  local exe pid
  for exe in /proc/[0-9]*/exe; do
    pid=${exe#/proc/}
    case $(readlink "$exe" 2> /dev/null) in
      "$engine_root/usr/bin/docker" | "$engine_root"/usr/libexec/*) ;;
      "$engine_root"/*) printf '%s\n' "${pid%/exe}" ;;
    esac
  done
  engine_cgroups | while read -r folder; do cat "$folder/cgroup.procs" 2> /dev/null; done
}

end_processes() {
  local pids
  for _ in {1..50}; do
    mapfile -t pids < <(engine_processes | sort -un)
    ((${#pids[@]})) || return 0
    kill -KILL "${pids[@]}" 2> /dev/null || true
    sleep 0.1
  done
  say "still running: ${pids[*]}"
}

remove_mounts() {
  awk -v dir="$engine_dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
    while read -r mount_point; do umount --lazy "$mount_point" || true; done
}

# Deepest first. cgroup v1 has one tree a controller, v2 one in all.
engine_cgroups() {
  find /sys/fs/cgroup -depth -type d \( -name "$engine_cgroup" -o -path "*/$engine_cgroup/*" \) 2> /dev/null
}

remove_cgroups() {
  engine_cgroups | while read -r folder; do rmdir "$folder" 2> /dev/null || true; done
}

# dockerd leaves its bridge, its firewall chains and a changed forwarding behind.
remember_network() {
  {
    printf 'forward=%s\n' "$(cat /proc/sys/net/ipv4/ip_forward)"
    printf 'policy=%s\n' "$(iptables --list-rules FORWARD | awk '$1 == "-P" { print $3 }')"
  } > "$engine_dir/network"
}

restore_network() {
  local forward policy
  ip link delete docker0 2> /dev/null || true
  # Rules and chains of the engine all have "docker" in their names, those of its networks went with the networks.
  iptables-save | grep -vi docker | iptables-restore || true
  [[ -s "$engine_dir/network" ]] || return 0
  forward=$(sed -n 's/^forward=//p' "$engine_dir/network")
  policy=$(sed -n 's/^policy=//p' "$engine_dir/network")
  iptables --policy FORWARD "${policy:-ACCEPT}" || true
  printf '%s\n' "${forward:-0}" > /proc/sys/net/ipv4/ip_forward
  rm -f "$engine_dir/network"
}
