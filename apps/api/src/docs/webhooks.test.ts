import { readFileSync } from 'node:fs';
import { settings } from '@jobcell/shared/config';
import { deliveryErrors, deliverySchema, jobSchema } from '@jobcell/shared/contract';
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

test('the message and the delivery that docs/webhooks.md shows are as the contract has them', () => {
  z.strictObject({ type: z.literal('job.succeeded'), timestamp: z.iso.datetime(), data: jobSchema }).parse(
    message,
  );
  deliverySchema.parse(delivery);
  expect([delivery.job_id, message.timestamp]).toEqual([message.data.id, message.data.finished_at]);
});
