import { deliverySchema, jobSchema, limits, listSchema } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { type Answer, problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer, elsewhere, keyRequest } from '../testing/keys.ts';
import { succeeded } from '../testing/stand-in-worker.ts';

const suite = eachTest({ WEBHOOK_ALLOW_CIDRS: '127.0.0.2/32' });

const script = 'def main(): return 1';
const secret = `whsec_${'a'.repeat(43)}=`.replace(/a=$/, 'A=');
const other = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const url = 'https://receiver.example/hook?token=1';
const unknown = '00000000-0000-4000-8000-000000000000';

const post = async (webhook: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  await suite.api.call.post('/jobs', { script, webhook }, headers);

/** Posts a job with a webhook and cancels it, which is an outcome too. */
async function cancelled(headers: Record<string, string> = {}): Promise<string> {
  const { id } = jobSchema.parse((await post({ url, secret }, headers)).json);
  expect((await suite.api.call.send('DELETE', `/jobs/${id}`, headers)).status).toBe(200);
  return id;
}

async function list(query = '', headers: Record<string, string> = {}) {
  const answer = await suite.api.call.get(`/webhooks/deliveries${query}`, headers);
  expect(answer.status, answer.text).toBe(200);
  return listSchema(deliverySchema).parse(answer.json);
}

describe('the webhook of POST /jobs', () => {
  test.each([
    ['with a secret', { url, secret }],
    ['with two secrets, so that a receiver can change over', { url, secret: `${secret} ${other}` }],
    ['with headers', { url, secret, headers: { authorization: 'Bearer x', 'X-Account': '1\t2' } }],
    ['over http, with a port', { url: 'http://receiver.example:8080', secret }],
    ['in a range that the operator allows', { url: 'http://127.0.0.2:9999/', secret }],
  ])('is accepted %s, and is not shown with the job', async (_, webhook) => {
    const answer = await post(webhook);
    expect(answer.status, answer.text).toBe(202);
    for (const said of ['whsec_', 'receiver.example', 'Bearer']) expect(answer.text).not.toContain(said);
    expect((await list()).items).toEqual([]);
  });

  test.each([
    ['{}', {}, 'webhook.url is missing.'],
    ['no object', 'https://a.example', 'webhook must be an object; it is a string of 17 characters.'],
    ['an unknown field', { url, secret, uri: 1 }, 'webhook."uri" is not known here.'],
    ['no URL', { url: 'receiver', secret }, 'webhook.url must be an http:// or https:// URL'],
    ['another scheme', { url: 'ftp://a.example/', secret }, 'webhook.url must be an http:// or https:// URL'],
    [
      'a long URL',
      { url: `https://a.example/${'x'.repeat(2048)}`, secret },
      'must be at most 2048 characters',
    ],
    ['a password', { url: 'https://me:pw@a.example/', secret }, 'webhook.url must not'],
    ['loopback', { url: 'http://127.0.0.1/', secret }, 'webhook.url must not'],
    ['loopback as a number', { url: 'http://2130706433/', secret }, 'webhook.url must not'],
    ['loopback by name', { url: 'http://localhost:3000/', secret }, 'webhook.url must not'],
    ['a secret of another form', { url, secret: 'hunter2' }, 'webhook.secret must be "whsec_"'],
    ['a short secret', { url, secret: 'whsec_c2hvcnQ=' }, 'webhook.secret must be "whsec_"'],
    ['three secrets', { url, secret: [secret, other, secret].join(' ') }, 'webhook.secret must be "whsec_"'],
    ['a header of its own', { url, secret, headers: { 'Webhook-Id': 'x' } }, 'must not be set by a webhook'],
    ['host', { url, secret, headers: { host: 'x' } }, 'must not be set by a webhook'],
    ['a length', { url, secret, headers: { 'Content-Length': '1' } }, 'must not be set by a webhook'],
    ['a line break', { url, secret, headers: { 'x-a': 'b\r\nc: d' } }, 'must be printable ASCII'],
    ['a header that is none', { url, secret, headers: { 'x a': 'b' } }, 'must be the name of a header'],
    ['a header twice', { url, secret, headers: { 'x-a': 'b', 'X-A': 'c' } }, 'must name each header once'],
    ['a number for a header', { url, secret, headers: { 'x-a': 1 } }, 'must be a string'],
    ['many headers', { url, secret, headers: { 'x-a': 'b'.repeat(5000) } }, 'must be at most 4096 bytes'],
  ])('is refused with %s, by rule and field', async (_, webhook, detail) => {
    const problem = problemOf(await post(webhook));
    expect(problem).toMatchObject({ code: 'invalid_request', status: 400 });
    expect(problem.detail).toContain(detail);
    for (const said of ['hunter2', 'me:pw', '2130706433']) expect(problem.detail).not.toContain(said);
  });

  test('needs a secret, of its own or of the key', async () => {
    expect(problemOf(await post({ url })).detail).toBe('webhook.secret is missing, and your key has none.');
    const make = async (changes: object) =>
      await elsewhere(suite.redis.url, suite.api.prefix, async (keys) =>
        bearer((await keys.create(keyRequest(changes))).key),
      );
    expect((await post({ url }, await make({ webhook_secret: secret }))).status).toBe(202);
    expect(problemOf(await post({ url }, await make({}))).code).toBe('invalid_request');
  });
});

describe('GET /webhooks/deliveries', () => {
  test('shows a delivery from the end of its job on', async () => {
    await suite.work(() => succeeded('1'));
    const { id } = jobSchema.parse((await post({ url, secret })).json);
    await suite.api.call.get(`/jobs/${id}?wait_ms=5000`);
    const { items } = await list();
    expect(items).toEqual([
      {
        ...{ id: expect.any(String), job_id: id, type: 'job.succeeded', url, status: 'pending' },
        ...{ attempts: [], next_attempt_at: expect.any(String) },
      },
    ]);
    expect(items[0]?.id).not.toBe(id);
  });

  test('gives pages, newest first, and those of one job or status', async () => {
    const jobs = [await cancelled(), await cancelled(), await cancelled()].reverse();
    const first = await list('?limit=2');
    expect(first.items.map(({ job_id }) => job_id)).toEqual(jobs.slice(0, 2));
    const second = await list(`?limit=2&cursor=${first.next_cursor}`);
    expect(second.items.map(({ job_id }) => job_id)).toEqual(jobs.slice(2));
    expect(second.next_cursor).toBeNull();
    expect((await list(`?job_id=${jobs[1]}`)).items.map(({ job_id }) => job_id)).toEqual([jobs[1]]);
    expect((await list('?status=dead')).items).toEqual([]);
    expect((await list('?status=pending')).items).toHaveLength(3);
  });

  test.each([
    ['status=sent', 'status must be "pending" or "delivered" or "dead"'],
    ['job_id=1', 'job_id must be the id of a job'],
    ['limit=0', 'limit must be'],
    ['cursor=x', 'cursor must be a next_cursor of this list'],
    ['url=x', '"url" is not known here'],
  ])('refuses ?%s', async (query, detail) => {
    const problem = problemOf(await suite.api.call.get(`/webhooks/deliveries?${query}`));
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toContain(detail);
  });
});

describe('POST /webhooks/deliveries/:id/redeliver', () => {
  const again = async (id: string, headers: Record<string, string> = {}) =>
    await suite.api.call.send('POST', `/webhooks/deliveries/${id}/redeliver`, headers);

  test('answers 202 with the delivery, which is pending again', async () => {
    await cancelled();
    const [delivery] = (await list()).items;
    const { deliveries } = suite.api.parts;
    const attempt = { at: new Date(0).toISOString(), duration_ms: 1, response_excerpt: null };
    await deliveries.record(
      { id: delivery?.id ?? '', attempt: 0 },
      { ...attempt, status_code: 410, error: 'gone' },
      { status: 'dead', keptMs: 60_000 },
      false,
    );
    expect((await list('?status=dead')).items).toHaveLength(1);
    const answer = await again(delivery?.id ?? '');
    expect(answer.status).toBe(202);
    expect(deliverySchema.parse(answer.json)).toMatchObject({
      ...{ id: delivery?.id, status: 'pending', attempts: [{ status_code: 410, error: 'gone' }] },
      next_attempt_at: expect.any(String),
    });
  });

  test('answers 409 for one that was tried too often', async () => {
    await cancelled();
    const [delivery] = (await list()).items;
    const ref = { id: delivery?.id ?? '' };
    const made = { at: new Date(0).toISOString(), status_code: 500, duration_ms: 1, response_excerpt: null };
    for (let attempt = 0; attempt < limits.webhook.attempts; attempt += 1) {
      const last = attempt === limits.webhook.attempts - 1;
      await suite.api.parts.deliveries.record(
        { ...ref, attempt },
        { ...made, error: 'bad_status' },
        last ? { status: 'dead', keptMs: 60_000 } : { status: 'pending', inMs: 0 },
        false,
      );
    }
    expect(problemOf(await again(ref.id))).toMatchObject({ code: 'conflict', status: 409 });
  });

  test("answers 404 for one that is not there, and for another tenant's, alike", async () => {
    const keyOf = async () =>
      await elsewhere(suite.redis.url, suite.api.prefix, async (keys) =>
        bearer((await keys.create(keyRequest())).key),
      );
    const [mine, foreign] = [await keyOf(), await keyOf()];
    await until('keys are required', async () => (await suite.api.call.get('/jobs')).status === 401);
    await cancelled(mine);
    const [delivery] = (await list('', mine)).items;
    expect((await list('', foreign)).items).toEqual([]);
    const said = [
      await again(delivery?.id ?? '', foreign),
      await again(unknown, foreign),
      await again('x', foreign),
    ];
    const details = said.map((answer) => problemOf(answer).detail);
    expect(said.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(new Set(details).size).toBe(1);
    expect((await again(delivery?.id ?? '', mine)).status).toBe(202);
  });
});
