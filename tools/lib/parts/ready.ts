import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readyResponseSchema } from '@jobcell/shared/contract';
import { say } from '../say.ts';

const POLL_MS = 100;
const ANSWER_TIMEOUT_MS = 3_000;
const USUAL_MS = 5_000;

/** Where this machine reaches an API that listens on `host`. */
export function urlOf(host: string, port: number): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/**
 * Resolves to `[]` once the API at `url` is ready, or to its last reasons when `signal` aborts before. A wait that
 * takes longer than usual says them as they change.
 */
export async function untilReady(url: string, signal: AbortSignal): Promise<string[]> {
  const slowAt = performance.now() + USUAL_MS;
  let reasons = ['the API does not answer'];
  let told = '';
  while (!signal.aborted) {
    const said = await ask(url);
    if (said?.length === 0) return [];
    reasons = said ?? reasons;
    const text = reasons.join('; ');
    if (performance.now() > slowAt && text !== told) {
      told = text;
      say(`not ready yet: ${text}`);
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return reasons;
}

async function ask(url: string): Promise<string[] | undefined> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    const { ready, reasons } = readyResponseSchema.parse(await response.json());
    return ready ? [] : reasons;
  } catch {
    return undefined;
  }
}
