import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { type Stack, startStack } from '../support/stack.ts';

const run = promisify(execFile);
const sync = fileURLToPath(new URL('../../examples/pipeline/sync.py', import.meta.url));
const driver = drivers.find(({ name }) => name === 'process');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'the example of a pipeline', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ driver: 'process', slots: 4 });
  });
  afterAll(() => stack?.stop());

  const start = async (...args: string[]) =>
    (await run('/usr/bin/python3', [sync, '--url', stack.client.url, ...args])).stdout.trim().split('\n');

  test('cleans 3,000 records in 60 jobs and counts them; started again under its name, it makes no job twice', async () => {
    const expected = ['submitted 3000 records in 60 jobs', '60 succeeded', 'kept 2700, dropped 300'];
    expect(await start('--run', 'night')).toEqual(expected);
    expect(await start('--run', 'night')).toEqual(expected);
    const ids = new Set<string>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await stack.client.get(`/jobs?limit=100${cursor && `&cursor=${cursor}`}`);
      const { items, next_cursor } = page.body as { items: { id: string }[]; next_cursor: string | null };
      for (const { id } of items) ids.add(id);
      cursor = next_cursor;
    }
    expect(ids.size).toBe(60);
  });

  test('says what is wrong when nothing listens', async () => {
    const failed = run('/usr/bin/python3', [sync, '--url', 'http://localhost:1', '--records', '1'], {
      timeout: 60_000,
    });
    await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining('does not answer') });
  });
});
