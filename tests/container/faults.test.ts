import { describe, expect, onTestFinished, test } from 'vitest';
import { levels, skip, startSingle } from '../support/single.ts';
import { until } from '../support/until.ts';

/** Takes all of /tmp, and leaves there what Jobcell itself may look for. */
const HOSTILE = `
import os, shutil
def main():
    for name in os.listdir("/tmp"):
        shutil.rmtree(f"/tmp/{name}", ignore_errors=True)
    for name in ("jobcell", "jobcell-10001", "run"):
        open(f"/tmp/{name}", "w").close()
    while True:
        pass
`;
const SLOT = /nsjail|jobcell\/|local\/(runner|holder)/;

describe.skipIf(skip !== null)(skip ?? 'in the single container', () => {
  describe.each(levels)('$level', ({ options }) => {
    test.each([
      ['the launcher', 'nsjail/launcher'],
      ['the supervisor', 'jobcell/supervisor'],
      ['the worker', 'apps/worker/src/main.ts'],
    ])(
      'where %s is killed, its job and all of its slot end with it, and the job runs again',
      async (_, victim) => {
        const single = await startSingle({
          ...options,
          settings: { ...options.settings, SANDBOX_SLOTS: '1' },
        });
        onTestFinished(() => single.stop());
        const id = await single.client.submit({
          script: HOSTILE,
          timeout_ms: 3000,
        });
        await until('it runs', async () => (await single.client.job(id)).status === 'running');
        const before = await single.processes();
        const [killed] = before.filter(({ command }) => command.includes(victim));
        await single.exec('/bin/sh', '-c', `kill -9 ${killed?.pid}`);
        const old = new Set(before.filter(({ command }) => SLOT.test(command)).map(({ pid }) => pid));
        expect(old.size).toBeGreaterThan(3);
        await until('nothing of the slot is left, and nothing unwaited for', async () => {
          const now = await single.processes();
          return now.every(({ pid, state }) => !old.has(pid) && state !== 'Z');
        });
        await until(
          'it has ended',
          async () => (await single.client.job(id, 10_000)).status === 'failed',
          60_000,
        );
        expect(await single.client.job(id)).toMatchObject({ error: { code: 'timeout' }, attempts: 2 });
        const next = await single.client.run({
          script: 'import os\ndef main():\n    return os.listdir("/tmp")',
        });
        expect(next.job).toMatchObject({ status: 'succeeded', result: [] });
      },
    );
  });
});
