import type { Logger } from '@jobcell/shared/log';
import { type DeliveryStore, parseAttempt, type StartedDelivery } from '@jobcell/shared/store';
import type { EndSignals, Verdict } from '../consumer/queue-consumer.ts';
import { untilAnswered } from '../consumer/until-answered.ts';
import { afterAttempt, type RetryPlan } from './after-attempt.ts';
import { messageOf } from './message.ts';
import type { Poster, PostResult } from './post.ts';

export type SendParts = EndSignals & {
  store: Pick<DeliveryStore, 'start' | 'readJob' | 'record'>;
  poster: Pick<Poster, 'post'>;
  plan: RetryPlan;
  log: Logger;
};

/**
 * One attempt at a delivery: start, post, record. Where the process dies in between, the queue hands the same attempt
 * out again, so a receiver may get a message twice, under one `webhook-id`.
 */
export async function send(queued: string, parts: SendParts): Promise<Verdict> {
  const { store, plan, log, stopping, giveUp } = parts;
  const attempt = parseAttempt(queued);
  const delivery = attempt && (await untilAnswered(() => store.start(attempt), stopping));
  if (delivery === null) return 'done';
  const at = new Date();
  const result = await post(delivery, at, parts);
  if (typeof result === 'string') return result;
  const after = afterAttempt(result, delivery.tries, plan);
  const made = {
    at: at.toISOString(),
    status_code: result.statusCode,
    error: result.error,
    duration_ms: Math.round(result.durationMs),
    response_excerpt: result.excerpt,
  };
  const silent = result.error === 'timeout';
  const written = await untilAnswered(() => store.record(delivery, made, after, silent), giveUp);
  const { id, job } = delivery;
  const { statusCode, error, durationMs } = result;
  log.info(
    { delivery: id, job, statusCode, error, durationMs, status: after.status, stale: !written },
    'sent',
  );
  return 'done';
}

/** `done`: what was to be told is gone. `again`: this process ends, and knows nothing of what came of it. */
async function post(delivery: StartedDelivery, at: Date, parts: SendParts): Promise<PostResult | Verdict> {
  const { store, poster, stopping, graceOver, log } = parts;
  const job = await untilAnswered(() => store.readJob(delivery), stopping);
  if (job === null) return 'done';
  try {
    const url = new URL(delivery.url);
    return await poster.post({ url, ...messageOf(delivery, job, at), signal: graceOver });
  } catch (error) {
    if (graceOver.aborted) return 'again';
    // A fault of this code: it counts as an attempt, else the same would go on for ever.
    log.error({ delivery: delivery.id, error: (error as Error).name }, 'a delivery failed unexpectedly');
    return { ...nothing, durationMs: Date.now() - at.getTime() };
  }
}

const nothing: Omit<PostResult, 'durationMs'> = {
  ...{ statusCode: null, error: 'connection_failed', excerpt: null, retryAfterMs: null, answered: false },
};
