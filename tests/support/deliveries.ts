import { type Delivery, deliverySchema, listSchema } from '@jobcell/shared/contract';
import type { Client } from './http.ts';

const pageSchema = listSchema(deliverySchema);

/** All deliveries of a caller, page by page. */
export async function allDeliveries(client: Client, query = ''): Promise<Delivery[]> {
  const found: Delivery[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = pageSchema.parse((await client.get(`/webhooks/deliveries?limit=100${at}${query}`)).body);
    found.push(...page.items);
    cursor = page.next_cursor;
  }
  return found;
}

/** Posts a job that is cancelled before it can run: an outcome that needs no sandbox. Returns its id. */
export async function cancelledJob(client: Client, webhook: unknown): Promise<string> {
  const answer = await client.post('/jobs', { script: 'def main(): return 1', delay_ms: 3_600_000, webhook });
  if (answer.status !== 202) throw new Error(`not accepted: ${answer.text}`);
  const { id } = answer.body as { id: string };
  const cancelled = await client.delete(`/jobs/${id}`);
  if (cancelled.status !== 200) throw new Error(`not cancelled: ${cancelled.text}`);
  return id;
}
