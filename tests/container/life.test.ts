import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { docker } from '../faults/docker.ts';
import { Client } from '../support/http.ts';
import { type Single, type SingleOptions, skip, startAgain, startSingle } from '../support/single.ts';
import { until } from '../support/until.ts';

const hello = { script: 'def main():\n    return "hello"' };

async function start(options: Partial<SingleOptions> = {}): Promise<Single> {
  const single = await startSingle({ namespaces: 'allowed', ...options });
  onTestFinished(() => single.stop());
  return single;
}

describe.skipIf(skip !== null)(skip ?? 'the life of the single container', () => {
  test('a stop lets the running job end, ends with code 0, and loses no job', async () => {
    const single = await start();
    const done = await single.client.run(hello);
    const id = await single.client.submit({
      script: 'import time\ndef main():\n    time.sleep(1)\n    return "slow"',
    });
    await until('it runs', async () => (await single.client.job(id)).status === 'running');
    await docker('stop', '--time', '30', single.name);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', single.name)).toBe('0');
    const client = await startAgain(single);
    expect(await client.job(done.job.id)).toMatchObject({ status: 'succeeded', result: 'hello' });
    expect(await client.job(id, 30_000)).toMatchObject({ status: 'succeeded', result: 'slow', attempts: 1 });
  });

  test('a container that was killed starts again on what it had acknowledged', async () => {
    const single = await start();
    const id = await single.client.submit({
      script: 'import time\ndef main():\n    time.sleep(3)\n    return "slow"',
    });
    await until('it runs', async () => (await single.client.job(id)).status === 'running');
    await docker('kill', single.name);
    const client = await startAgain(single);
    await until(
      'the job has ended',
      async () => (await client.job(id, 10_000)).status === 'succeeded',
      90_000,
    );
    expect((await client.run(hello)).job.result).toBe('hello');
  });

  test('another container on the same volume has the jobs of the first', async () => {
    const volume = `jobcell-test-${randomUUID().slice(0, 8)}`;
    onTestFinished(async () => void (await docker('volume', 'rm', '--force', volume)));
    const options = { flags: ['--volume', `${volume}:/data`] };
    const first = await start(options);
    const { job } = await first.client.run(hello);
    await docker('stop', '--time', '30', first.name);
    await docker('rm', first.name);
    const second = await start(options);
    expect(await second.client.job(job.id)).toEqual(job);
  });

  test('where nothing may run it ends with code 0 as well', async () => {
    const single = await start({ namespaces: 'refused', until: 'answers' });
    await docker('stop', '--time', '30', single.name);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', single.name)).toBe('0');
  });

  test('warns while there are no keys; one that is made in it is then demanded of everyone', async () => {
    const single = await start();
    await until('it warns', async () => (await single.logs()).includes('no API keys'));
    const made = await single.exec(
      ...['node', 'tools/keys/main.ts', 'create', '--name', 'test', '--scopes', 'jobs:write,jobs:read'],
    );
    const key = /^key\s+(\S+)$/m.exec(made)?.[1] ?? '';
    await until('a call without it is refused', async () => {
      return (await single.client.post('/execute', hello)).status === 401;
    });
    expect((await new Client(single.client.url, key).run(hello)).job.result).toBe('hello');
    expect(await single.logs()).not.toContain(key);
  });

  test('with REDIS_URL it starts no Redis of its own and keeps its jobs there', async () => {
    const name = `jobcell-test-${randomUUID().slice(0, 8)}`;
    await docker('network', 'create', name);
    onTestFinished(async () => {
      await docker('rm', '--force', '--volumes', name);
      await docker('network', 'rm', name);
    });
    await docker('run', '--detach', '--name', name, '--network', name, 'redis:8');
    const single = await start({
      settings: { REDIS_URL: `redis://${name}:6379` },
      flags: ['--network', name],
    });
    const { job } = await single.client.run(hello);
    expect(job.result).toBe('hello');
    expect(await docker('top', single.name, '-eo', 'pid,args')).not.toContain('redis-server');
    expect(await docker('exec', name, 'redis-cli', 'exists', `jobcell:job:${job.id}`)).toBe('1');
  });

  test('needs neither a writable image nor any capability', async () => {
    const flags = [
      '--read-only',
      '--tmpfs',
      '/tmp',
      '--cap-drop',
      'ALL',
      '--security-opt',
      'no-new-privileges',
    ];
    const single = await start({ flags });
    expect((await single.client.run(hello)).job).toMatchObject({ result: 'hello', isolation: 'nsjail' });
  });

  test('as root each slot has a user of its own, in either place', async () => {
    for (const [namespaces, isolation] of [
      ['allowed', 'nsjail'],
      ['refused', 'landlock'],
    ] as const) {
      const single = await start({
        namespaces,
        settings: { SANDBOX_ISOLATION: 'landlock', SANDBOX_SLOTS: '2' },
        flags: ['--user', '0:0', '--tmpfs', '/data'],
      });
      expect((await single.client.run(hello)).job).toMatchObject({ result: 'hello', isolation });
      const slots = namespaces === 'allowed' ? 2 : 1;
      await until('every slot has its own', async () => {
        const users = await usersOfSlots(single);
        expect(users.every((uid) => uid >= 70_000)).toBe(true);
        return new Set(users).size === slots;
      });
    }
  });
});

async function usersOfSlots({ name }: Single): Promise<number[]> {
  const processes = (await docker('top', name, '-eo', 'uid,pid,args')).split('\n');
  return processes
    .filter((line) => line.includes('/opt/jobcell/supervisor'))
    .map((line) => Number(line.trim().split(' ')[0]));
}
