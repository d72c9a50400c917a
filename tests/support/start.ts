import { expect } from 'vitest';
import type { Client } from './http.ts';

/** Holds an ordinary job against how jails are started: `warm`, its jail waited for it. Else nobody knows what was tested. */
export async function expectStart(client: Client, warm: boolean): Promise<void> {
  const { job } = await client.run({ script: 'def main():\n    return "ordinary"' });
  expect(job).toMatchObject({ status: 'succeeded', result: 'ordinary', warm });
}
