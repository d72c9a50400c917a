import type { Logger } from '@jobcell/shared/log';
import type { LiveWorker, WorkerRegistry } from '@jobcell/shared/store';

export type HeartbeatParts = {
  registry: Pick<WorkerRegistry, 'beat' | 'leave'>;
  /** What this worker says of itself now. */
  say: () => LiveWorker;
  log: Logger;
};

export interface Heartbeat {
  /** Says it now, without waiting for the next beat: something has changed. */
  beat(): void;
  /** The last word: this worker is gone. */
  stop(): Promise<void>;
}

const EVERY_MS = 2_000;

/** Says every 2 s that this worker lives, and what it is. */
export function startHeartbeat({ registry, say, log }: HeartbeatParts): Heartbeat {
  let current: Promise<void> | undefined;
  let again = false;
  let failing = false;
  const send = async () => {
    do {
      again = false;
      try {
        await registry.beat(say());
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ error: (error as Error).message }, 'heartbeat not written');
        failing = true;
      }
    } while (again);
  };
  const beat = () => {
    if (current !== undefined) {
      again = true;
      return;
    }
    current = send().finally(() => {
      current = undefined;
    });
  };
  const timer = setInterval(beat, EVERY_MS);
  beat();
  return {
    beat,
    async stop() {
      clearInterval(timer);
      await current;
      await registry.leave(say().id).catch(() => undefined); // then silence says it
    },
  };
}
