import { readFileSync } from 'node:fs';
import { readSettings, settings } from '@jobcell/shared/config';
import { deliveryErrors, deliverySchema, jobSchema, limits } from '@jobcell/shared/contract';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { docsFolder } from './generate.ts';

const text = readFileSync(new URL('webhooks.md', docsFolder), 'utf8');
const [message, delivery] = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) =>
  JSON.parse(json),
);

/** The rows of the table that has this word at its head, without the head. */
function rowsOf(head: string): string[][] {
  const [, rows = ''] = text.split(new RegExp(`^\\| ${head} .*\\n\\| -.*\\n`, 'm'));
  const [table = ''] = rows.split('\n\n');
  return table.split('\n').map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('docs/webhooks.md has each error of an attempt as the contract has it, and no other', () => {
  const expected = Object.entries(deliveryErrors).map(([code, meaning]) => [`\`${code}\``, meaning]);
  expect(rowsOf('error')).toEqual(expected);
});

test('docs/webhooks.md has each setting of webhooks', () => {
  const names = Object.keys(settings).filter((name) => /^WEBHOOK_|^WORKER_PARTS$/.test(name));
  expect(new Set(rowsOf('setting').map(([name]) => name))).toEqual(
    new Set(names.map((name) => `\`${name}\``)),
  );
});

test('docs/webhooks.md has the limits and the waits that the code has', () => {
  const { attempts, urlLength, headersBytes } = limits.webhook;
  expect(text).toContain(`A delivery that has ${attempts} attempts\nis not sent again`);
  expect(text).toContain(`up to ${urlLength.toLocaleString('en')} characters`);
  expect(text).toContain(`up to ${headersBytes / 1024} KiB of JSON`);
  const { WEBHOOK_RETRY_MS, WEBHOOK_TIMEOUT_MS, WEBHOOK_RETENTION_MS } = readSettings({});
  expect(WEBHOOK_RETRY_MS).toEqual([5_000, 30_000, 120_000, 600_000, 3_600_000]);
  expect(text).toContain('after 5 s, 30 s, 2 min, 10 min and 1 h');
  expect(text).toContain(`One attempt may take ${WEBHOOK_TIMEOUT_MS / 1_000} s`);
  expect(text).toContain(`\`WEBHOOK_RETENTION_MS\` (${WEBHOOK_RETENTION_MS / 3_600_000} hours)`);
});

test('the message and the delivery that docs/webhooks.md shows are as the contract has them', () => {
  z.strictObject({ type: z.literal('job.succeeded'), timestamp: z.iso.datetime(), data: jobSchema }).parse(
    message,
  );
  deliverySchema.parse(delivery);
  expect([delivery.job_id, message.timestamp]).toEqual([message.data.id, message.data.finished_at]);
});
