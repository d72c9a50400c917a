import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Run } from '../support/http.ts';
import { script } from '../support/scripts.ts';
import { AT_LANDLOCK, type Single, skip, startSingle } from '../support/single.ts';

const PAIRS = 20;
const PAIRS_OF_SECRETS = 5;

const runIn = ({ client }: Single, name: string, input: unknown = null): Promise<Run> =>
  client.run({ script: script(`container/scripts/${name}.py`), input, timeout_ms: 20_000 });

/** All that there is below /data: no job can list it, but these would be its paths. */
const pathsOf = async (single: Single) =>
  (await single.exec('/bin/sh', '-c', 'find /data')).split('\n').filter((path) => path !== '');

/** What its job used too much of, by how `bombs.py` takes it. */
const bombs = {
  shared: 'The script used more than its 256 MiB of memory.',
  file: 'The script wrote more than 64 MiB to /tmp.',
  allocated: 'The script wrote more than 64 MiB to /tmp.',
  nameless: 'The script wrote more than 64 MiB to /tmp.',
  mapped: 'The script wrote more than 64 MiB to /tmp.',
  disguised: 'The script wrote more than 64 MiB to /tmp.',
  linked: 'The script made more than 1024 files in /tmp.',
  threads: 'The script had more than 64 threads.',
  apart: 'The script wrote more than 64 MiB to /tmp.',
  moved: 'The script wrote more than 64 MiB to /tmp.',
};

const users: { user: string; flags: string[] }[] = [
  { user: 'its ordinary user', flags: [] },
  { user: 'root', flags: ['--user', '0:0', '--tmpfs', '/data'] },
];

describe.skipIf(skip !== null).each(users)(skip ?? 'at the landlock level, as $user', ({ flags }) => {
  let single: Single;
  let slots: string[];
  beforeAll(async () => {
    single = await startSingle({ ...AT_LANDLOCK, flags });
    slots = await single.slotIdentities();
  });
  afterAll(() => single?.stop());

  const run = (name: string, input?: unknown) => runIn(single, name, input);

  test('nothing that a job leaves is there for the next one', async () => {
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const left = await run('leaves_everything');
      expect(left.job.error).toBeNull();
      // All else it could leave: these places are closed.
      expect(left.job.result).toEqual({ attributes: 1, sockets: 97, system_v: 1 });
      const found = await run('finds_what_was_left');
      expect(found.job).toMatchObject({ error: null, result: [], isolation: 'landlock' });
    }
  });

  test('folders that it closed end it, and are gone for the next one', async () => {
    const closes = `import os, time\ndef main():\n    os.makedirs("/tmp/closed/inner", 0)\n    os.mkdir("/tmp/shut", 0)\n    time.sleep(60)\n`;
    expect((await single.client.run({ script: closes })).job.error).toMatchObject({
      code: 'memory_limit',
      message: 'The script made folders in /tmp that cannot be read.',
    });
    expect((await run('finds_what_was_left')).job).toMatchObject({ error: null, result: [] });
  });

  test('a job finds its own marks: the search above would see them', async () => {
    const both = `${script('container/scripts/leaves_everything.py')}\nleave = main\n${script('container/scripts/finds_what_was_left.py')}\nfind = main\n`;
    const { job } = await single.client.run({
      script: `${both}\ndef main():\n    leave()\n    return find()\n`,
    });
    expect(job.error).toBeNull();
    expect(job.result).toEqual(
      expect.arrayContaining([
        '.left-behind-5b1e',
        'left-behind-5b1e',
        'builtins',
        'umask',
        'signals',
        'random numbers',
        'lock',
      ]),
    );
  });

  test.each(Object.entries(bombs))(
    'a job that takes too much ends, and what it took is given back: %s',
    async (way, message) => {
      const { job } = await single.client.run({ script: script('container/scripts/bombs.py'), input: way });
      expect(job.error).toMatchObject({ code: 'memory_limit', message });
      expect((await run('finds_what_was_left')).job).toMatchObject({ error: null, result: [], attempts: 1 });
    },
  );

  test('what a job was sent, kept, printed and answered is nowhere in the memory of the next one', async () => {
    const searches = script('../nsjail/tests/scripts/warm/searches_memory.py');
    const leaves = script('../nsjail/tests/scripts/warm/leaves_secrets.py');
    for (let pair = 0; pair < PAIRS_OF_SECRETS; pair += 1) {
      const secret = `J0bC3ll-${randomBytes(16).toString('hex')}`;
      const left = await single.client.run({ script: `${leaves}\n# ${secret}\n`, input: secret });
      expect(left.job).toMatchObject({ error: null, stdout: `${secret}\n` });
      const { job } = await single.client.run({ script: searches, timeout_ms: 20_000 });
      expect(job).toMatchObject({ error: null, result: { found: [] } });
      expect((job.result as { mib: number }).mib, 'MiB looked at').toBeGreaterThan(20);
    }
  });

  test('a job reaches no file, socket or process but its own', async () => {
    const { job } = await run('reaches_out', await pathsOf(single));
    expect(job).toMatchObject({ error: null, result: [] });
  });

  test('a job that asks for the sizes of files finds none that grow with what others do', async () => {
    const paths = (await single.exec('/bin/sh', '-c', 'find /data -type f')).split('\n');
    expect(paths.some((path) => path.endsWith('.aof'))).toBe(true);
    for (const path of paths) expect(path).toMatch(/^\/data\/[0-9a-f]{32}\//);
    const asks = `import os\ndef main():\n    for path in ("/data", "/proc", "/proc/1", "/app"):\n        try:\n            return os.listdir(path)\n        except PermissionError:\n            pass\n`;
    expect((await single.client.run({ script: asks })).job).toMatchObject({ error: null, result: null });
  });

  test('a job can start no process, and a program that it becomes is held as it was', async () => {
    expect((await run('starts_processes')).job).toMatchObject({ error: null, result: [] });
    const { job } = await run('executes_itself');
    expect(job.error).toMatchObject({ code: 'script_exit', exit_code: 0 });
    expect(job.stdout).toBe('refused\n'.repeat(5));
  });

  test('through all of it the slot and its container lived on', async () => {
    expect(await single.slotIdentities()).toEqual(slots);
    expect((await single.client.run({ script: 'def main():\n    return "next"' })).job.result).toBe('next');
  });
});

/** What `reaches_out.py` reaches in a jail: unix sockets and network devices of its own, and its own first process. */
const inJail = [
  ...['socket 1', 'bind', 'network devices', 'sendmsg'],
  ...['pidfd -1', 'priority -1', 'signals of a file -1'],
  ...['kill 0', 'pidfd 0', 'priority 0', 'signals of a file 0'],
  ...['kill 1', 'tgkill 1', 'pidfd 1', 'priority 1', 'signals of a file 1'],
];

describe.skipIf(skip !== null)(skip ?? 'in full isolation', () => {
  let single: Single;
  beforeAll(async () => {
    single = await startSingle({ namespaces: 'allowed', settings: { SANDBOX_SLOTS: '1' } });
  });
  afterAll(() => single?.stop());

  test('nothing that a job leaves is there for the next one on its slot', async () => {
    for (let pair = 0; pair < PAIRS; pair += 1) {
      expect((await runIn(single, 'leaves_everything')).job.result).toEqual({ system_v: 1 });
      const found = await runIn(single, 'finds_what_was_left');
      expect(found.job).toMatchObject({ error: null, result: [], isolation: 'nsjail' });
    }
  });

  test('page tables of its children count as memory of a job', async () => {
    const { job } = await runIn(single, 'page_tables');
    expect(job).toMatchObject({ error: { code: 'memory_limit' } });
  });

  test('a job reaches nothing but what is in its own jail', async () => {
    const { job } = await runIn(single, 'reaches_out', await pathsOf(single));
    expect(job).toMatchObject({ error: null, result: inJail });
  });
});

describe.skipIf(skip !== null)(skip ?? 'without what holds a job', () => {
  test('the same script reaches files, sockets and processes: it would tell', async () => {
    const single = await startSingle(AT_LANDLOCK);
    onTestFinished(() => single.stop());
    const paths = await pathsOf(single);
    const calls = `import json\nprint(json.dumps(main(json.loads(${JSON.stringify(JSON.stringify(paths))}))))`;
    const source = `${script('container/scripts/reaches_out.py')}\n${calls}\n`;
    const reached = JSON.parse(await single.exec('/usr/bin/python3', '-I', '-S', '-c', source));
    expect(reached).toEqual(
      expect.arrayContaining([
        ...paths.filter((path) => !path.endsWith('.sock')),
        ...['/etc/hosts', '/proc/1/environ', '/proc/net/tcp', 'write /data/x', 'free space'],
        ...['truncate', 'chmod', 'times', 'link', 'rename', 'unlink', 'folder'],
        ...['socket 1', 'socket 2', 'redis', 'api', 'bind', 'sendmsg', 'network devices'],
        ...['kill 1', 'tgkill 1', 'pidfd 1', 'limits 1', 'priority 1', 'affinity 1', 'signals of a file 1'],
      ]),
    );
    expect(reached.some((what: string) => what.startsWith('ptrace '))).toBe(true);
  });
});
