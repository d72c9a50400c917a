import { expect } from 'vitest';
import type { Client, Run } from '../support/http.ts';

/** What must have come of a hostile script. `client` runs what has to be tried after it on the same slot. */
type Expectation = (run: Run, client: Client, script: string) => void | Promise<void>;

const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;
const EROFS = 30;
const ENOSPC = 28;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const ECONNREFUSED = 111;

const returns =
  (result: unknown): Expectation =>
  ({ job }) => {
    expect(job.error).toBeNull();
    expect(job.result).toEqual(result);
  };

const fails =
  (code: string, more: Record<string, unknown> = {}): Expectation =>
  ({ job, problem }) => {
    expect(job.status).toBe('failed');
    expect(job.error).toMatchObject({ code, ...more });
    expect(problem).toMatchObject({ code, job_id: job.id });
  };

const failsWithOneOf =
  (...codes: string[]): Expectation =>
  ({ job }) =>
    expect(codes).toContain(job.error?.code);

/** `[-1, errno]`: the call failed, and why. */
const refused = (...errnos: number[]): Expectation => {
  return ({ job }) => {
    const [returned, errno] = job.result as [number, number];
    expect(returned).toBe(-1);
    expect(errnos).toContain(errno);
  };
};

const resultOf = <T>({ job }: Run): T => {
  expect(job.error).toBeNull();
  return job.result as T;
};

/** Holds what the next job finds. */
const expectEmptyTmp = async (client: Client) => {
  const reader = 'import os\ndef main():\n    return os.listdir("/tmp")';
  expect((await client.run({ script: reader })).job.result).toEqual([]);
};

const isRefusedAndNumpyUnchanged =
  (errno: number): Expectation =>
  async (run, client) => {
    expect(resultOf(run)).toBe(errno);
    const later =
      'import importlib.util\ndef main():\n    return importlib.util.find_spec("numpy.zz") is None';
    expect((await client.run({ script: later })).job.result).toBe(true);
  };

export const cases: Record<string, Expectation> = {
  // files
  read_etc_shadow: (run) => {
    expect(['FileNotFoundError', 'PermissionError']).toContain(resultOf<{ err: string }>(run).err);
    expect(run.answer.text).not.toContain('root:');
  },
  list_root: returns(['bin', 'dev', 'lib', 'lib64', 'tmp', 'usr']),
  read_app_env_file: (run) => {
    for (const path of resultOf<string[]>(run)) expect(path).toMatch(/^\/usr\/.*\.pem$/);
  },
  write_site_packages: isRefusedAndNumpyUnchanged(EROFS),
  fifo_and_device_nodes: returns({ fifo: 'made', chr: EPERM, blk: EPERM }),
  symlink_to_host_result: returns(['out', 'result.json', 'stdout.txt']),

  // from one job to the next
  tmp_not_shared_writer: async (run, client) => {
    expect(resultOf(run)).toBe('ok');
    await expectEmptyTmp(client);
  },
  shm_not_shared: async (run, client, script) => {
    for (const result of [resultOf(run), (await client.run({ script })).job.result]) {
      expect(result).toBe('FileNotFoundError');
    }
  },
  stdin_not_shared: async (run, client, script) => {
    for (const result of [resultOf(run), (await client.run({ script })).job.result])
      expect(result).toEqual([]);
  },
  rng_unique: async (run, client, script) => {
    const seen = new Set(resultOf<unknown[]>(run).map(String));
    for (let round = 0; round < 20; round += 1) {
      for (const value of (await client.run({ script })).job.result as unknown[]) {
        expect(seen).not.toContain(String(value));
        seen.add(String(value));
      }
    }
  },
  hash_seed_varies: (run) => expect(Number.isInteger(resultOf(run))).toBe(true),
  zygote_memory_secret_scan: async (_run, client, script) => {
    await client.run({ script: 'secret = "CANARY-9c1"\ndef main():\n    return None' });
    const scan = script.replace('CANARY-9c1', "CANARY-' + '9c1");
    expect((await client.run({ script: scan })).job.result).toBe(0);
  },
  inherited_threads: returns(['MainThread']),

  // resources
  disk_fill_tmp: (run) => {
    const { mb, errno } = resultOf<{ mb: number; errno: number }>(run);
    expect(errno).toBe(ENOSPC);
    expect(mb).toBeLessThanOrEqual(64);
  },
  inode_bomb: (run) => {
    const { n, errno } = resultOf<{ n: number; errno: number }>(run);
    expect(errno).toBe(ENOSPC);
    expect(n).toBeLessThan(5000);
  },
  deep_directory_tree: ({ job }) => expect(job.result ?? job.error).toBeTruthy(),
  fork_bomb_exponential: fails('timeout'),
  memory_bomb_py: fails('memory_limit'),
  memory_bomb_many_children: fails('memory_limit'),
  cpu_spin: fails('timeout'),
  sleep_past_limit: fails('timeout'),
  daemonize_escape_timeout: returns('parent done'),
  parser_stack_bomb: failsWithOneOf('syntax_error', 'crashed'),

  // what the jail shows of the machine
  proc_pids: returns('FileNotFoundError'),
  own_environ_minimal: returns({
    ...{ HOME: '/tmp', PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', TZ: 'UTC' },
    ...{ OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
  }),
  sysrq: returns(ENOENT),
  cgroup_release_agent: returns([]),

  // system calls
  nested_userns: refused(EPERM),
  clone3_enosys: refused(ENOSYS),
  remount_rw: refused(EPERM),
  pivot_chroot: returns([-1, -1]),
  process_vm_readv: refused(EPERM, ENOSYS),
  perf_event_open: refused(EPERM, ENOSYS),
  userfaultfd: refused(EPERM, ENOSYS),
  open_by_handle_at: refused(EPERM, ENOSYS),
  setuid_root: (run) => {
    const [calls, uid] = resultOf<[unknown[], number]>(run);
    expect(calls).not.toContain('ok');
    expect(uid).toBeGreaterThan(0);
  },
  no_new_privs_set: returns(1),
  raise_own_rlimits: (run) => {
    for (const verdict of Object.values(resultOf<Record<string, string>>(run)))
      expect(verdict).toBe('denied');
  },

  // network
  // There is not even a socket to connect: the script makes it outside its `try`.
  connect_metadata: (run) => {
    fails('script_error', { type: 'OSError', line: 3 })(run, undefined as never, '');
    expect(run.job.timing.run_ms).toBeLessThan(2000);
  },
  dns_lookup: (run) => expect(['gaierror', 'PermissionError']).toContain(resultOf(run)),
  abstract_unix_socket: returns(ECONNREFUSED),

  // output
  stdout_flood: (run) => {
    fails('output_limit')(run, undefined as never, '');
    expect(run.job.stdout_truncated).toBe(true);
    expect(Buffer.byteLength(run.job.stdout ?? '')).toBe(1024 * 1024);
  },
  stdout_no_newline_1gb: (run) => {
    fails('output_limit')(run, undefined as never, '');
    expect(run.job.stdout_truncated).toBe(true);
  },
  stdout_control_chars: (run) => {
    expect(run.job.stdout).toBe('\x1b[2J\x1b]0;pwn\x07\u202e\x00\r\n{"level":"info"}\n');
  },
  result_deep_nesting: fails('result_not_json'),
  result_nan_inf: returns({ a: null, b: null }),
  result_not_json: fails('result_not_json', { path: '$', type: 'set' }),
  result_proto_pollution: (run) => {
    expect(run.answer.text).toContain(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
  },
  dict_subclass_lies: failsWithOneOf(
    'timeout',
    'memory_limit',
    'result_not_json',
    'script_error',
    'result_too_large',
  ),

  // forgeries
  forge_envelope_on_stdout: (run) => {
    expect(resultOf(run)).toBe('real');
    expect(run.job.stdout).toContain('FORGED');
  },
  write_every_fd: ({ job }) => expect(['result_not_json', undefined]).toContain(job.error?.code),
  exit_before_result: fails('script_exit', { exit_code: 0 }),
  kill_parent_and_pid1: ({ job }) => expect([undefined, 'crashed']).toContain(job.error?.code),
  slow_result_writer: failsWithOneOf('timeout', 'result_not_json'),
  atexit_and_del: (run) => {
    expect(resultOf(run)).toBe('ok');
    expect(run.job.timing.run_ms).toBeLessThan(2000);
  },
  missing_main: fails('main_missing'),
  syntax_error: fails('syntax_error', { type: 'SyntaxError', line: 1 }),
  coding_cookie_trick: returns(1),
};

const noChild = fails('script_error', {
  type: 'PermissionError',
  message: expect.stringContaining('[Errno 1]'),
});
const leavesNothing = async (run: Run, client: Client, code: string) => {
  fails(code)(run, client, '');
  await expectEmptyTmp(client);
};

/** Where there are no namespaces, what comes of some of them is another way of saying no. */
export const atLandlock: Record<string, Expectation> = {
  ...cases,
  list_root: fails('script_error', {
    type: 'PermissionError',
    message: `PermissionError: [Errno ${EACCES}] Permission denied: '/'`,
  }),
  write_site_packages: isRefusedAndNumpyUnchanged(EACCES),
  fifo_and_device_nodes: returns({ fifo: 'made', chr: EACCES, blk: EACCES }),
  shm_not_shared: returns('PermissionError'),
  disk_fill_tmp: (run, client) => leavesNothing(run, client, 'memory_limit'),
  inode_bomb: (run, client) => leavesNothing(run, client, 'memory_limit'),
  deep_directory_tree: (run, client) => leavesNothing(run, client, 'memory_limit'),
  memory_bomb_many_children: noChild,
  daemonize_escape_timeout: noChild,
  proc_pids: returns('PermissionError'),
  sysrq: (run) => expect([EACCES, ENOENT]).toContain(resultOf(run)),
  write_every_fd: fails('result_not_json'),
  kill_parent_and_pid1: returns([EPERM, EPERM, EPERM]),
  abstract_unix_socket: fails('script_error', {
    type: 'OSError',
    message: expect.stringContaining(`[Errno ${EAFNOSUPPORT}]`),
  }),
};
