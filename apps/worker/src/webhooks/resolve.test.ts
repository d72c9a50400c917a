import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { type NameServer, startNameServer } from '../testing/name-server.ts';
import { resolve } from './resolve.ts';

const never = new AbortController().signal;
let names: NameServer;

beforeEach(async () => {
  names = await startNameServer();
});
afterEach(() => names.close());

describe('a name', () => {
  it('has all of its addresses, of IPv4 and of IPv6', async () => {
    names.names.set('receiver.test', [['8.8.8.8', '2a00:1450::1', '9.9.9.9']]);
    const found = await resolve('receiver.test', [names.address], never);
    expect(found).toEqual(['8.8.8.8', '9.9.9.9', '2a00:1450::1']);
  });

  it.each([[['8.8.8.8']], [['2a00:1450::1']]])(
    'may have addresses of one family alone: %s',
    async (addresses) => {
      names.names.set('receiver.test', [addresses]);
      expect(await resolve('receiver.test', [names.address], never)).toEqual(addresses);
    },
  );

  it('is asked for each time, and not remembered', async () => {
    names.names.set('receiver.test', [['8.8.8.8'], ['9.9.9.9']]);
    expect(await resolve('receiver.test', [names.address], never)).toEqual(['8.8.8.8']);
    expect(await resolve('receiver.test', [names.address], never)).toEqual(['9.9.9.9']);
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'a.b.localhost.'])(
    'is this machine without a question where it is localhost: %s',
    async (name) => {
      expect(await resolve(name, [names.address], never)).toEqual(['127.0.0.1']);
      expect(names.asked).toEqual([]);
    },
  );

  it.each(['missing.test', `${'a'.repeat(64)}.test`, `${'a.'.repeat(200)}test`, '..', 'a..test'])(
    'that does not or cannot exist is not resolved: %s',
    async (name) => {
      await expect(resolve(name, [names.address], never)).rejects.toMatchObject({
        code: 'name_not_resolved',
      });
    },
  );

  it('is no longer waited for when its signal aborts', async () => {
    names.names.set('silent.test', 'silent');
    const stop = new AbortController();
    const rejected = expect(resolve('silent.test', [names.address], stop.signal)).rejects.toThrow('enough');
    await until('it is asked', () => names.asked.length > 0);
    stop.abort(new Error('enough'));
    await rejected;
  });

  it('does not wait for another one that is stopped, nor stops with it', async () => {
    names.names.set('silent.test', 'silent').set('receiver.test', [['8.8.8.8']]);
    const stop = new AbortController();
    const stopped = expect(resolve('silent.test', [names.address], stop.signal)).rejects.toThrow('enough');
    const other = resolve('receiver.test', [names.address], never);
    stop.abort(new Error('enough'));
    expect(await other).toEqual(['8.8.8.8']);
    await stopped;
  });
});
