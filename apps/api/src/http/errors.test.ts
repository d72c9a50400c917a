import { createLogger } from '@jobcell/shared/log';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { ApiEnv } from './context.ts';
import { errorFrames, errorName } from './error-name.ts';
import { onError } from './on-error.ts';
import { requestId } from './request-id.ts';
import { isStoreDown } from './store-down.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('isStoreDown', () => {
  test.each([
    new Error('Command timed out'),
    new Error('Connection is closed.'),
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
    named('MaxRetriesPerRequestError', 'Reached the max retries per request limit (which is 0).'),
    named('AbortError', 'Command aborted due to connection close'),
    named('ReplyError', "OOM command not allowed when used memory > 'maxmemory'."),
    named('ReplyError', 'LOADING Redis is loading the dataset in memory'),
    named('ReplyError', "READONLY You can't write against a read only replica."),
    named('ReplyError', 'ERR Error running script (call to f_1): @user_script:3: -OOM command not allowed'),
    named('ReplyError', 'MISCONF Redis is configured to save RDB snapshots, but'),
    named('ReplyError', 'NOAUTH Authentication required.'),
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
  ])('is true for %s', (error) => expect(isStoreDown(error)).toBe(true));

  test.each([
    new Error('boom'),
    new TypeError('Cannot read properties of undefined'),
    named('ReplyError', 'ERR Error compiling script'),
    named('ReplyError', 'WRONGTYPE Operation against a key holding the wrong kind of value'),
    Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' }),
    'a string',
    null,
  ])('is false for %s', (error) => expect(isStoreDown(error)).toBe(false));
});

describe('a bug', () => {
  const app = new Hono<ApiEnv>();
  app.use(requestId);
  app.get('/', () => {
    throw new TypeError('secret of /root/app.ts');
  });
  app.onError(onError(createLogger('silent', 'test')));

  test('is answered as internal, and nothing of it is shown', async () => {
    const answer = await app.request('/', { headers: { 'X-Request-Id': 'mine' } });
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toEqual({
      ...{ type: '/docs#internal', title: 'Something went wrong in Jobcell', status: 500, code: 'internal' },
      ...{
        detail: 'This is a fault of Jobcell. Its log has more under this request_id.',
        request_id: 'mine',
      },
    });
  });

  test('is logged by its class and place, without its message', () => {
    const error = new RangeError('secret\n    at secret (secret.ts:1:1)');
    expect(errorName(error)).toBe('RangeError');
    expect(errorName(Object.assign(error, { code: 'EPIPE' }))).toBe('RangeError EPIPE');
    expect(errorName('secret')).toBe('string');
    expect(errorFrames(error).length).toBeGreaterThan(0);
    expect(errorFrames(error).join()).not.toContain('secret');
    expect(errorFrames('secret')).toEqual([]);
  });
});
