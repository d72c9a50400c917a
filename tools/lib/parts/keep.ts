import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, PartEnd } from './part.ts';

export type KeepOptions = {
  start(): Part;
  /** `restart` starts it again after each crash; `wait` leaves that to a call of `restart`. */
  policy: 'restart' | 'wait';
  /** It ended by itself, and is started again after `pauseMs` (`undefined` under the policy `wait`). */
  onCrash(end: PartEnd, pauseMs: number | undefined): void;
  /** After the first crash of a minute; each further one doubles it. */
  firstPauseMs?: number;
  /** It ended too often: it is not started again. */
  onGiveUp(end: PartEnd): void;
};

/** A part that is started again when it ends by itself. */
export type Keeper = {
  /** The part that runs now, or the last that ran. */
  current(): Part;
  /** Ends the part now and starts it anew (not a crash). */
  restart(graceMs: number): Promise<void>;
  stop(graceMs: number): Promise<void>;
};

const FIRST_PAUSE_MS = 500;
const MOST_CRASHES = 5;
const WINDOW_MS = 60_000;

/** Starts a part and keeps it running: each crash within a minute doubles the pause, and the sixth is the last. */
export function keepRunning(options: KeepOptions): Keeper {
  const { start, policy, firstPauseMs = FIRST_PAUSE_MS, onCrash, onGiveUp } = options;
  const crashes: number[] = [];
  const stopped = new AbortController();
  let part = start();
  let expected: Part | undefined;

  const watch = async (watched: Part): Promise<void> => {
    const end = await watched.ended;
    if (stopped.signal.aborted || watched === expected) return;
    if (policy === 'wait') return onCrash(end, undefined);
    const now = performance.now();
    crashes.push(now);
    const recent = crashes.filter((at) => now - at < WINDOW_MS).length;
    if (recent > MOST_CRASHES) return onGiveUp(end);
    const pauseMs = firstPauseMs * 2 ** (recent - 1);
    onCrash(end, pauseMs);
    await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    if (!stopped.signal.aborted && part === watched) begin();
  };
  const begin = () => {
    part = start();
    void watch(part);
  };
  void watch(part);

  return {
    current: () => part,
    async restart(graceMs) {
      expected = part;
      await part.stop(graceMs);
      if (!stopped.signal.aborted) begin();
    },
    async stop(graceMs) {
      stopped.abort();
      await part.stop(graceMs);
    },
  };
}
