/** What must come of a hostile script, in words: in a jail, and where that differs at the landlock level, and why. */
type Verdict = { jail: string; landlock?: { says: string; why: string } };

export const verdicts: Record<string, Verdict> = {
  // files
  read_etc_shadow: { jail: 'an error, no content' },
  list_root: {
    jail: 'bin, dev, lib, lib64, tmp, usr',
    landlock: {
      says: '`/` cannot be listed',
      why: "it is the container's own, and Landlock opens `/usr` and `/tmp` alone",
    },
  },
  read_app_env_file: { jail: 'no `.env`, no key; only public certificates of libraries' },
  write_site_packages: {
    jail: 'EROFS',
    landlock: { says: 'EACCES', why: 'Landlock says no, not a read-only mount' },
  },
  fifo_and_device_nodes: {
    jail: 'fifo made; devices EPERM',
    landlock: {
      says: 'fifo made; devices EACCES',
      why: 'Landlock says no before the kernel asks for a capability',
    },
  },
  symlink_to_host_result: { jail: 'links in `/tmp` only, that lead nowhere' },

  // from one job to the next
  tmp_not_shared_writer: { jail: 'the next job finds an empty `/tmp`' },
  shm_not_shared: {
    jail: 'there is no `/dev/shm`',
    landlock: {
      says: '`/dev/shm` cannot be opened',
      why: "it is there, the container's own, and Landlock keeps it shut",
    },
  },
  stdin_not_shared: { jail: 'no lock and no flag on it is left for the next job' },
  rng_unique: { jail: 'no value comes twice' },
  hash_seed_varies: { jail: 'one seed for the jobs of a template' },
  zygote_memory_secret_scan: { jail: "an earlier job's secret is not found" },
  inherited_threads: { jail: 'one thread' },

  // resources
  disk_fill_tmp: {
    jail: 'ENOSPC at 64 MiB',
    landlock: {
      says: '`memory_limit` past 64 MiB',
      why: 'no mount of its own ends its writes, so the supervisor counts',
    },
  },
  inode_bomb: {
    jail: 'ENOSPC at 1,022 files',
    landlock: {
      says: '`memory_limit` past 1,024 files',
      why: 'no mount of its own ends its writes, so the supervisor counts',
    },
  },
  deep_directory_tree: {
    jail: 'bounded, and gone after it',
    landlock: {
      says: '`memory_limit` past 1,024 files',
      why: 'no mount of its own ends its writes, so the supervisor counts',
    },
  },
  fork_bomb_exponential: { jail: '`timeout`, and no process is left' },
  memory_bomb_py: { jail: '`memory_limit`' },
  memory_bomb_many_children: {
    jail: '`memory_limit`',
    landlock: {
      says: 'no child can be started (EPERM)',
      why: 'without a pid namespace the filter keeps a job to one process',
    },
  },
  cpu_spin: { jail: '`timeout`' },
  sleep_past_limit: { jail: '`timeout`' },
  daemonize_escape_timeout: {
    jail: 'its answer; the grandchild ends with the jail',
    landlock: {
      says: 'no child can be started (EPERM)',
      why: 'without a pid namespace the filter keeps a job to one process',
    },
  },
  parser_stack_bomb: { jail: '`syntax_error` or `crashed`' },

  // what can be seen of the machine
  proc_pids: {
    jail: 'there is no `/proc`',
    landlock: {
      says: '`/proc` cannot be opened',
      why: "it is there, the container's own, and Landlock keeps it shut",
    },
  },
  own_environ_minimal: { jail: "exactly the contract's environment" },
  sysrq: {
    jail: 'ENOENT',
    landlock: {
      says: 'EACCES, or ENOENT where the kernel has none',
      why: '`/proc` is there, and Landlock keeps it shut',
    },
  },
  cgroup_release_agent: { jail: 'nothing of `/sys`' },

  // system calls
  nested_userns: { jail: 'EPERM' },
  clone3_enosys: { jail: 'ENOSYS' },
  remount_rw: { jail: 'EPERM' },
  pivot_chroot: { jail: 'both refused' },
  process_vm_readv: { jail: 'EPERM' },
  perf_event_open: { jail: 'EPERM' },
  userfaultfd: { jail: 'EPERM' },
  open_by_handle_at: { jail: 'ENOSYS' },
  setuid_root: { jail: 'all refused, not root' },
  no_new_privs_set: { jail: 'set' },
  raise_own_rlimits: { jail: 'all denied' },

  // network
  connect_metadata: { jail: 'there is no socket to connect' },
  dns_lookup: { jail: 'no answer' },
  abstract_unix_socket: {
    jail: "ECONNREFUSED: the jail's own namespace is empty",
    landlock: {
      says: 'there is no socket to connect',
      why: "without a network namespace every socket would be the container's",
    },
  },

  // output
  stdout_flood: { jail: '`output_limit`, 1 MiB kept and flagged' },
  stdout_no_newline_1gb: { jail: '`output_limit`, flagged' },
  stdout_control_chars: { jail: 'data, byte for byte' },
  result_deep_nesting: { jail: '`result_not_json`' },
  result_nan_inf: { jail: 'null' },
  result_not_json: { jail: '`result_not_json`, which type and where' },
  result_proto_pollution: { jail: 'data, byte for byte' },
  dict_subclass_lies: { jail: 'only this job suffers' },

  // forgeries
  forge_envelope_on_stdout: { jail: 'its real result; the forgery is output' },
  write_every_fd: {
    jail: '`result_not_json`, or its result',
    landlock: {
      says: '`result_not_json`',
      why: 'a start that is always warm gives it nothing but its result to write to',
    },
  },
  exit_before_result: { jail: '`script_exit`' },
  kill_parent_and_pid1: {
    jail: 'at most this job ends',
    landlock: {
      says: 'each refused (EPERM)',
      why: "without a pid namespace these are others' processes, so the filter allows itself alone",
    },
  },
  slow_result_writer: { jail: '`timeout` or `result_not_json`' },
  atexit_and_del: { jail: 'its result, at once' },
  missing_main: { jail: '`main_missing`' },
  syntax_error: { jail: '`syntax_error` with its line' },
  coding_cookie_trick: { jail: 'read as UTF-8' },
};
