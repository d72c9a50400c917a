import { randomUUID } from 'node:crypto';
import type { JobError, SandboxFacts } from '@jobcell/shared/contract';
import { createLogger } from '@jobcell/shared/log';
import { connectRedis, JobStore, type Outcome, type StartedJob, WorkerRegistry } from '@jobcell/shared/store';

/** What a sandbox would be like that enforces with cgroups. */
export const facts: SandboxFacts = {
  runtime: { python: '3.13.5', packages: { numpy: '2.5.5', pandas: '3.1.1' } },
  isolation: 'nsjail',
  limits_enforced_by: 'cgroup',
  limits: {
    ...{ timeout_ms: 5_000, memory_bytes: 268_435_456, processes: 64, file_bytes: 10_485_760 },
    ...{ tmp_bytes: 67_108_864, open_files: 128, stdout_bytes: 1_048_576, stderr_bytes: 262_144 },
    result_bytes: 4_194_304,
  },
};

const evidence = {
  ...{ stdout: '', stderr: '', stdoutTruncated: false, stderrTruncated: false },
  ...{ runMs: 1.5, cpuMs: 1, peakMemoryBytes: 1024, warm: false },
  ...{ runtime: facts.runtime, isolation: facts.isolation, limitsEnforcedBy: facts.limits_enforced_by },
};

export const succeeded = (result: string, more: Partial<typeof evidence> = {}): Outcome => ({
  ...{ status: 'succeeded', result, error: null },
  ...evidence,
  ...more,
});

export const failed = (error: JobError, more: Partial<typeof evidence> = {}): Outcome => ({
  ...{ status: 'failed', result: null, error },
  ...evidence,
  ...more,
});

export type StandInWorker = {
  id: string;
  registry: WorkerRegistry;
  seen: StartedJob[];
  stop(): Promise<void>;
};

type Behaviour = (job: StartedJob) => Outcome | Promise<Outcome>;

/**
 * A participant without a sandbox: it says heartbeats, starts what is queued, and finishes it with what `behave`
 * gives. It looks at the records rather than at the queue, so that a test can look at the queue.
 */
export async function startWorker(url: string, prefix: string, behave: Behaviour): Promise<StandInWorker> {
  const redis = connectRedis(url, 'blocking', createLogger('silent', 'test'));
  const store = new JobStore(redis, prefix, {
    limits: { maxQueued: 1_000_000, maxStoreMb: 1_000 },
    onReleased: () => undefined, // it looks for them itself
  });
  const registry = new WorkerRegistry(redis, prefix);
  const id = `worker-${randomUUID()}`;
  const seen: StartedJob[] = [];
  const under = new Set<string>();
  let stopped = false;

  const run = async (queued: string) => {
    under.add(queued);
    const started = await store.start(queued, id);
    if (!started.started) return;
    seen.push(started.job);
    const outcome = await behave(started.job);
    const holder = { id: queued, worker: id, attempt: started.job.attempt };
    if (!stopped) await store.finish(holder, outcome, { slotMs: 0, jailMs: 0.75 });
  };
  const loop = async () => {
    while (!stopped) {
      const released = await store.releasedSince(0);
      for (const job of released) if (!under.has(job.id)) void run(job.id).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };

  await registry.beat({ id, slots: 4, facts, reason: null });
  const looping = loop().catch(() => undefined);
  return {
    id,
    registry,
    seen,
    stop: async () => {
      stopped = true;
      await Promise.race([looping, new Promise((resolve) => setTimeout(resolve, 500))]);
      if (redis.status === 'ready') await registry.leave(id);
      redis.disconnect();
    },
  };
}
