import { type JobRecord, jobJson, type StartedDelivery } from '@jobcell/shared/store';
import { Webhook } from 'standardwebhooks';

/** What is posted: the body, and the headers that Standard Webhooks 1.0.0 wants beside the caller's. */
export type Message = { body: string; headers: Record<string, string> };

/** Made anew for each attempt: only its timestamp and its signature differ. */
export function messageOf(delivery: StartedDelivery, job: JobRecord, now: Date): Message {
  const { id, type, endedAt, secret } = delivery;
  const head = JSON.stringify({ type, timestamp: endedAt });
  const body = `${head.slice(0, -1)},"data":${jobJson(job)}}`;
  const signatures = secret.split(' ').map((one) => new Webhook(one).sign(id, now, body));
  return {
    body,
    headers: {
      'user-agent': 'Jobcell',
      'content-type': 'application/json',
      ...lowerCased(delivery.headers),
      'webhook-id': id,
      'webhook-timestamp': `${Math.floor(now.getTime() / 1000)}`,
      'webhook-signature': signatures.join(' '),
    },
  };
}

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
