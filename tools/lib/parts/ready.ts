import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readyResponseSchema } from '@jobcell/shared/contract';

const POLL_MS = 100;
const ANSWER_TIMEOUT_MS = 3_000;

/** Where this machine reaches an API that listens on `host`. */
export function urlOf(host: string, port: number): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** Resolves to `[]` once the API at `url` is ready, or to its last reasons when `signal` aborts before. */
export async function untilReady(url: string, signal: AbortSignal): Promise<string[]> {
  let reasons = ['the API does not answer'];
  while (!signal.aborted) {
    const said = await ask(url);
    if (said?.length === 0) return [];
    reasons = said ?? reasons;
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
