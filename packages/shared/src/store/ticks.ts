import type { Logger } from '../log.ts';
import type { JobStore } from './store.ts';

/** How late a delayed job may get into its line, and an expired one be called so. (None starts past its `ttl_ms`.) */
const EVERY_MS = 500;

/** Lets time pass for the jobs in the store. Every process may do it: what is done already is not done again. */
export function startTicks(store: Pick<JobStore, 'tick'>, log: Logger): { stop(): Promise<void> } {
  let current: Promise<void> | undefined;
  const tick = () => {
    current ??= store
      .tick()
      .catch((error: Error) => log.debug({ error: error.name }, 'tick failed'))
      .finally(() => {
        current = undefined;
      });
  };
  const timer = setInterval(tick, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await current;
    },
  };
}
