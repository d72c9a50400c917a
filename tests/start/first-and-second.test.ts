import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { examples } from '../contract/examples.ts';
import { Client } from '../support/http.ts';
import { clone, isRoot, makeGround, npmStart } from './jobcell.ts';
import { footprint, leftovers } from './leftovers.ts';

const kinds = [
  { who: 'the user of the tests', asStranger: false, skip: false },
  { who: 'an ordinary user', asStranger: true, skip: !isRoot },
];

describe.each(kinds)('a fresh clone of $who', ({ asStranger, skip }) => {
  const ground = makeGround({ asStranger });
  afterAll(ground.remove);
  let firstMs = 0;

  test.skipIf(skip)(
    'starts with one command, the printed command works, and so do the examples of the contract',
    { timeout: 300_000 },
    async () => {
      const startedAt = performance.now();
      const start = npmStart(ground, clone(ground));
      const { url, command } = await start.ready();
      firstMs = performance.now() - startedAt;
      expect(start.output()).toMatch(/^jobcell: installing dependencies and Node 24 \(npm ci\)$/m);
      expect(start.output()).toMatch(/^jobcell: installing the sandbox's Python packages/m);
      expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(
        '{"result":{"msg":"done"},"stdout":"hello\\n"}',
      );
      for (const { script, body } of examples) {
        expect((await new Client(url).post('/execute', { script })).text).toBe(body);
      }

      const runtime = (await new Client(url).get('/runtime')).body as Record<string, unknown>;
      expect(start.output()).toContain(`enforced by ${runtime.limits_enforced_by}`);
      expect(start.output().includes('warning')).toBe(runtime.limits_enforced_by === 'sampling');
      if (asStranger) expect(runtime.limits_enforced_by).toBe('sampling');
      expect(statSync(ground.dataDir).mode & 0o777).toBe(0o700);

      const print = footprint(start.npm.pid ?? 0);
      // npm, the tool, Redis, API, worker, and a launcher and a supervisor for each slot that is there by now.
      expect(print.processes.length).toBeGreaterThanOrEqual(7);
      expect(print.cgroups.length > 0).toBe(runtime.limits_enforced_by === 'cgroup');
      start.npm.kill('SIGTERM');
      expect(await start.ended()).toBe(0);
      expect(leftovers(print, ground)).toEqual([]);
    },
  );

  test.skipIf(skip)('starts again in seconds, with nothing to bring', async () => {
    const startedAt = performance.now();
    const start = npmStart(ground, `${ground.folder}/clone`);
    await start.ready();
    expect(performance.now() - startedAt).toBeLessThan(firstMs / 2);
    expect(start.output()).not.toMatch(/installing|compiling|unpacking/);
    start.npm.kill('SIGTERM');
    expect(await start.ended()).toBe(0);
  });
});
