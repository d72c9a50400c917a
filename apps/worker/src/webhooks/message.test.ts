import type { JobRecord, StartedDelivery } from '@jobcell/shared/store';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { newSecret, verify } from '../../../../tests/support/receiver.ts';
import { messageOf } from './message.ts';

const delivery: StartedDelivery = {
  ...{ id: '00000000-0000-4000-8000-000000000000', attempt: 0, tries: 0, job: 'job' },
  ...{ url: 'https://receiver.example', type: 'job.succeeded', endedAt: '2026-01-02T03:04:05.678Z' },
  ...{ secret: newSecret(1), headers: {} },
};
const record = (result: string, stdout = '') =>
  ({ result, job: { id: 'job', status: 'succeeded', stdout } }) as unknown as JobRecord;

test('every body verifies with its secret, by the library and by another implementation, and not with another', () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: 'binary' }), (result, stdout) => {
      const { body, headers } = messageOf(delivery, record(result, stdout), new Date());
      new Webhook(delivery.secret).verify(body, headers);
      expect(verify(delivery.secret, headers, body)).toBe(true);
      expect(verify(newSecret(2), headers, body)).toBe(false);
      expect(() => new Webhook(newSecret(2)).verify(body, headers)).toThrow();
    }),
  );
});

test('the result stands in the body as the text that it is', () => {
  const result = '{"b":12345678901234567890,"a":1.0,"a":[1e400]}';
  const { body } = messageOf(delivery, record(result), new Date());
  expect(body).toContain(`"result":${result}`);
  expect(
    body.startsWith('{"type":"job.succeeded","timestamp":"2026-01-02T03:04:05.678Z","data":{"id":"job",'),
  ).toBe(true);
});

test("a caller's header replaces one of ours, and none of the signature's", () => {
  const headers = { 'Content-Type': 'application/cloudevents+json', 'X-A': 'b', 'Webhook-Id': 'forged' };
  const message = messageOf({ ...delivery, headers }, record('1'), new Date(1_700_000_000_999));
  expect(message.headers).toMatchObject({
    ...{ 'content-type': 'application/cloudevents+json', 'x-a': 'b', 'user-agent': 'Jobcell' },
    ...{ 'webhook-id': delivery.id, 'webhook-timestamp': '1700000000' },
  });
});

test('two secrets give two signatures, in their order', () => {
  const [one, two] = [newSecret(1), newSecret(2)];
  const now = new Date();
  const both = messageOf({ ...delivery, secret: `${one} ${two}` }, record('1'), now).headers;
  const alone = [one, two].map((secret) => messageOf({ ...delivery, secret }, record('1'), now).headers);
  expect(both['webhook-signature']).toBe(alone.map((headers) => headers['webhook-signature']).join(' '));
});
