/** Why a wait ended: somebody wants the run to stop. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Waits for `work`; says every 10 s that `what` still goes on. Rejects with `Stopped` as soon as a stop is asked for. */
export type During = <T>(what: string, work: () => Promise<T>) => Promise<T>;

const SAY_EVERY_MS = 10_000;

/** `stop` aborts when the run shall stop. What is then still under way goes on until its processes are ended. */
export function duringUntil(stop: AbortSignal): During {
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(new Stopped()), { once: true });
  });
  stopped.catch(() => undefined);
  return async (what, work) => {
    const began = performance.now();
    const timer = setInterval(() => {
      console.log(
        `  … ${what.trim().replaceAll(/ +/g, ' ')}, for ${((performance.now() - began) / 1000).toFixed(0)} s now`,
      );
    }, SAY_EVERY_MS);
    try {
      return await Promise.race([stopped, work()]);
    } finally {
      clearInterval(timer);
    }
  };
}
