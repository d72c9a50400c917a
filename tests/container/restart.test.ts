import { describe, expect, onTestFinished, test } from 'vitest';
import { docker } from '../faults/docker.ts';
import { AT_LANDLOCK, levels, skip, startAgain, startSingle } from '../support/single.ts';
import { until } from '../support/until.ts';

const GRACE_MS = 500;

/** Says what it finds in /tmp, then leaves something there and stays. */
const LEAVES = `
import os, time
def main():
    print(os.listdir("/tmp"), flush=True)
    os.makedirs("/tmp/left/behind")
    open("/tmp/left/.hidden", "w").close()
    time.sleep(60)
`;

describe.skipIf(skip !== null)(skip ?? 'the single container, started again', () => {
  test.each(levels)(
    '$level: a job that does not end within the grace of a stop is given back, and runs after the next start',
    async ({ options }) => {
      const single = await startSingle({
        ...options,
        settings: { ...options.settings, SHUTDOWN_GRACE_MS: `${GRACE_MS}` },
      });
      onTestFinished(() => single.stop());
      const id = await single.client.submit({
        script: 'import time\ndef main():\n    time.sleep(8)\n    return "given back"',
        timeout_ms: 20_000,
      });
      await until('it runs', async () => (await single.client.job(id)).status === 'running');
      await docker('stop', '--time', '30', single.name);
      expect(await docker('inspect', '--format', '{{.State.ExitCode}}', single.name)).toBe('0');
      const client = await startAgain(single);
      const again = await docker('inspect', '--format', '{{.State.StartedAt}}', single.name);
      await until('it has ended', async () => (await client.job(id, 10_000)).finished_at !== null, 60_000);
      const job = await client.job(id);
      // Whoever stops a worker has not failed the job: it is still its first attempt.
      expect(job).toMatchObject({ status: 'succeeded', result: 'given back', attempts: 1 });
      expect(Date.parse(job.started_at ?? '')).toBeGreaterThan(Date.parse(again));
    },
  );

  test('at the landlock level, what a job had in /tmp when all was killed is gone for the first one after it', async () => {
    const single = await startSingle(AT_LANDLOCK);
    onTestFinished(() => single.stop());
    const id = await single.client.submit({ script: LEAVES, timeout_ms: 10_000 });
    await until('it has left something', async () =>
      (await single.exec('/bin/sh', '-c', 'find /tmp')).includes('/tmp/left/.hidden'),
    );
    await docker('kill', single.name);
    expect(await docker('diff', single.name), 'it lies there still').toContain('/tmp/left/.hidden');
    const client = await startAgain(single);
    await until('it has ended', async () => (await client.job(id, 10_000)).finished_at !== null, 60_000);
    expect(await client.job(id)).toMatchObject({
      error: { code: 'timeout' },
      attempts: 2,
      stdout: '[]\n',
    });
  });
});
