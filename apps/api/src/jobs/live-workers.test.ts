import type { LiveWorker } from '@jobcell/shared/store';
import { describe, expect, test } from 'vitest';
import { facts } from '../testing/stand-in-worker.ts';
import { LiveWorkers, whyNotReady } from './live-workers.ts';

const proven: LiveWorker = { id: 'w', slots: 1, facts, reason: null };
const unproven: LiveWorker = { id: 'w', slots: 1, facts: null, reason: null };

describe('LiveWorkers', () => {
  test('asks the registry once for many requests while a worker is there', async () => {
    let asked = 0;
    const workers = new LiveWorkers({ list: async () => [proven].slice(0, ++asked) });
    for (let i = 0; i < 100; i += 1) await workers.require();
    expect(asked).toBe(1);
  });

  test('asks for every request while none is there, so that the first worker is noticed at once', async () => {
    let there: LiveWorker[] = [];
    const workers = new LiveWorkers({ list: async () => there });
    await expect(workers.require()).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    there = [unproven];
    await expect(workers.require()).rejects.toMatchObject({
      detail: expect.stringContaining('being proven'),
    });
    there = [unproven, proven];
    await expect(workers.require()).resolves.toBeUndefined();
  });

  test('passes on that the registry cannot be asked', async () => {
    const workers = new LiveWorkers({ list: () => Promise.reject(new Error('Connection is closed.')) });
    await expect(workers.require()).rejects.toThrow('Connection is closed.');
  });
});

test('whyNotReady names each worker that is there but takes no jobs, and nothing once one does', () => {
  expect(whyNotReady([])).toEqual(['No worker has been heard of in the last 10 s']);
  expect(
    whyNotReady([
      { ...unproven, reason: 'a socket could be made' },
      { ...unproven, id: 'v' },
    ]),
  ).toEqual([
    'Worker w takes no jobs: a socket could be made',
    'Worker v takes no jobs: its sandbox is being proven',
  ]);
  expect(whyNotReady([unproven, proven])).toEqual([]);
});
