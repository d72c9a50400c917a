import type { Logger } from '@jobcell/shared/log';
import { labels } from './container.ts';
import type { Engine } from './engine.ts';

export type TidyParts = {
  engine: Engine;
  installation: string;
  worker: string;
  liveWorkers: () => Promise<string[]>;
  /** Whether a container of this worker is one of its slots. */
  isLive: (id: string) => boolean;
  log: Logger;
  everyMs?: number;
  /** How long nobody must have wanted a container: after an outage of Redis the living need a moment to say so. */
  unwantedMs?: number;
};

export interface Tidying {
  /** Removes every container of this worker, and ends. */
  stop(): Promise<void>;
}

/** Removes containers that nobody wants: of workers without a heartbeat, and what this one could not remove before. */
export function startTidying(parts: TidyParts): Tidying {
  const { everyMs = 5_000, log } = parts;
  const unwantedSince = new Map<string, number>();
  let current = Promise.resolve();
  let stopped = false;
  const timer = setInterval(() => {
    current = current.then(async () => {
      if (stopped) return;
      await tidy(parts, unwantedSince).catch((error: Error) => {
        unwantedSince.clear(); // who lived meanwhile is not known
        log.debug({ error: error.message }, 'tidying failed');
      });
    });
  }, everyMs);
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await current;
      await removeOwn(parts);
    },
  };
}

async function tidy(parts: TidyParts, unwantedSince: Map<string, number>): Promise<void> {
  const { engine, installation, unwantedMs = 10_000, log } = parts;
  const containers = await engine.list({ [labels.installation]: installation });
  const alive = new Set(await parts.liveWorkers());
  const now = performance.now();
  for (const { id, labels: said } of containers) {
    const owner = said[labels.worker] ?? '';
    const wanted = owner === parts.worker ? parts.isLive(id) : alive.has(owner);
    if (wanted) unwantedSince.delete(id);
    else if (!unwantedSince.has(id)) unwantedSince.set(id, now);
  }
  const present = new Set(containers.map((container) => container.id));
  for (const [id, since] of unwantedSince) {
    if (!present.has(id)) unwantedSince.delete(id);
    else if (now - since >= unwantedMs) {
      await engine.remove(id);
      log.warn({ slot: id.slice(0, 12) }, 'removed a container that no worker wants');
    }
  }
}

async function removeOwn({ engine, installation, worker, log }: TidyParts): Promise<void> {
  try {
    const own = await engine.list({ [labels.installation]: installation, [labels.worker]: worker });
    await Promise.all(own.map(({ id }) => engine.remove(id)));
  } catch (error) {
    log.warn({ error: (error as Error).message }, 'containers not removed');
  }
}
