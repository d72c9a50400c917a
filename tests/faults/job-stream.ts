import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '@jobcell/shared/contract';
import { script } from '../support/scripts.ts';
import type { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const source = script('faults/scripts/sleeps.py');

/** Posts a short job again and again, whatever else happens, and remembers each that was acknowledged. */
export class JobStream {
  /** The id of each acknowledged job with its input, which is its result too. */
  readonly accepted = new Map<string, number>();
  /** Answers other than 202, as `status code`; `none` where there was no answer. */
  readonly refused: string[] = [];
  /** Milliseconds that each answer took. */
  readonly answerMs: number[] = [];
  readonly #stack: Stack;
  readonly #stopping = new AbortController();
  readonly #posting: Promise<void>;

  constructor(stack: Stack, options: { everyMs: number; sleepS: number }) {
    this.#stack = stack;
    this.#posting = this.#post(options);
  }

  /** Posts no more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#posting;
  }

  /** Each acknowledged job when it is terminal. */
  async ended(withinMs: number): Promise<Job[]> {
    const deadline = performance.now() + withinMs;
    const jobs: Job[] = [];
    for (const id of this.accepted.keys()) {
      jobs.push(
        await until(
          `job ${id} ends`,
          async () => {
            const job = await this.#stack.client.job(id, 2_000);
            return job.finished_at !== null && job;
          },
          Math.max(0, deadline - performance.now()),
        ),
      );
    }
    return jobs;
  }

  async #post({ everyMs, sleepS }: { everyMs: number; sleepS: number }): Promise<void> {
    for (let n = 0; !this.#stopping.signal.aborted; n += 1) {
      const started = performance.now();
      await this.#postOne(n, { script: source, input: { n, seconds: sleepS } });
      this.answerMs.push(performance.now() - started);
      await pause(everyMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #postOne(n: number, body: object): Promise<void> {
    try {
      const { status, body: answer } = await this.#stack.client.post('/jobs', body);
      const { id, code } = answer as { id?: string; code?: string };
      if (status === 202 && id !== undefined) this.accepted.set(id, n);
      else this.refused.push(`${status} ${code}`);
    } catch {
      this.refused.push('none');
    }
  }
}
