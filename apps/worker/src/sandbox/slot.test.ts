import { describe, expect, test } from 'vitest';
import { Peer } from '../testing/peer.ts';
import type { SandboxJob } from './port.ts';
import { openSlot, patience } from './slot.ts';

const MIB = 1024 * 1024;
const limits = {
  ...{
    timeout_ms: 5000,
    memory_bytes: 256 * MIB,
    processes: 64,
    file_bytes: 1,
    tmp_bytes: 1,
    open_files: 128,
  },
  ...{ stdout_bytes: 1, stderr_bytes: 1, result_bytes: 1 },
};
const ready = {
  ...{ type: 'ready', protocol: 2, python: '3.13.5', packages: {}, isolation: 'nsjail' },
  ...{ limits_enforced_by: 'cgroup', overhead_bytes: 10 * MIB, limits },
  ...{ start: 'warm', fallback: null, jail_ready: true },
};
const outcome = {
  ...{ type: 'outcome', status: 'succeeded', error: null, stdout_truncated: false, stderr_truncated: false },
  ...{ run_ms: 1, cpu_ms: 1, peak_memory_bytes: 1, warm: false, jail_ms: 2 },
};
const one: [string, Buffer][] = [['result', Buffer.from('1')]];
const job: SandboxJob = {
  kind: 'run',
  script: 'def main(): pass',
  input: null,
  timeoutMs: 100,
  memoryMb: 256,
};
const never = new AbortController().signal;

const short = { readyMs: 100, startMs: 0, overdueMs: 50, cancelMs: 50, idleMs: 100 };

async function open(waits = patience, said = {}) {
  const peer = new Peer();
  const opening = openSlot(peer, never, waits);
  peer.say({ ...ready, ...said });
  return { peer, slot: await opening };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const dies = (reason: string) => expect.objectContaining({ name: 'SlotDeath', reason });

test('a slot is given its default memory and what it needs itself, then runs a job', async () => {
  const { peer, slot } = await open();
  expect(peer.allowed).toEqual([266 * MIB]);
  peer.onAsk = () => peer.say(outcome, one);
  const result = await slot.run({ ...job, input: '[1]' });
  expect(peer.asked[0]).toEqual({
    ...{ type: 'run', number: 1, kind: 'run', timeout_ms: 100, memory_bytes: 256 * MIB },
    parts: { script: 16, input: 3 },
  });
  expect(result).toMatchObject({ outcome: { status: 'succeeded', result: '1' }, jailMs: 2 });
});

test('a job without input sends none, not even an empty one', async () => {
  const { peer, slot } = await open();
  peer.onAsk = () => peer.say(outcome, one);
  await slot.run(job);
  expect(peer.asked[0]).toMatchObject({ parts: { script: 16 } });
});

test('the memory is changed only when a job asks for another', async () => {
  const { peer, slot } = await open();
  peer.onAsk = () => {
    peer.say(outcome, one);
    peer.say({ type: 'idle', jail_ready: true });
  };
  for (const memoryMb of [256, 512, 512, 32]) {
    await slot.run({ ...job, memoryMb });
    await slot.idle();
  }
  expect(peer.allowed).toEqual([266 * MIB, 522 * MIB, 42 * MIB]);
});

test('a slot whose memory cannot be changed is thrown away, and its job was not sent', async () => {
  const { peer, slot } = await open();
  peer.refuse = 'device or resource busy';
  await expect(slot.run({ ...job, memoryMb: 32 })).rejects.toEqual(dies('memory'));
  expect(peer).toMatchObject({ asked: [], killed: 1 });
});

test('an answered job does not wait for the teardown, the next one does', async () => {
  const { peer, slot } = await open();
  peer.onAsk = () => peer.say(outcome, one);
  await slot.run(job);
  let idle = false;
  const waiting = slot.idle().then(() => {
    idle = true;
  });
  await turn();
  expect(idle).toBe(false);
  peer.say({ type: 'idle', jail_ready: true });
  await waiting;
});

test('a supervisor that calls itself spent after an outcome keeps the outcome and loses the slot', async () => {
  const { peer, slot } = await open();
  peer.onAsk = () => peer.say(outcome, one);
  await slot.run(job);
  peer.say({ type: 'spent', reason: 'the memory is not back' });
  await expect(slot.idle()).rejects.toEqual(dies('spent'));
  await expect(slot.death).resolves.toEqual(dies('spent'));
});

test('a job that waits for its jail has its own time from when it starts, and not more', async () => {
  const waits = { ...short, startMs: 10_000 };
  const { peer, slot } = await open(waits, { jail_ready: false });
  peer.onAsk = () => peer.say({ type: 'started' });
  const asked = performance.now();
  await expect(slot.run(job)).rejects.toEqual(dies('overdue'));
  expect(performance.now() - asked).toBeLessThan(waits.startMs / 2);
});

test('a job whose jail was ready is overdue without the time that making one would take', async () => {
  const waits = { ...short, startMs: 10_000 };
  const { slot } = await open(waits);
  const asked = performance.now();
  await expect(slot.run(job)).rejects.toEqual(dies('overdue'));
  expect(performance.now() - asked).toBeLessThan(waits.startMs / 2);
});

test.each<[string, (peer: Peer) => void, string]>([
  ['ends', (peer) => peer.end('killed'), 'ended'],
  ['sends bytes that are no message', (peer) => peer.write(Buffer.alloc(8, 0xff)), 'protocol'],
  ['sends a message of no type', (peer) => peer.say({ type: 'hello' }), 'protocol'],
  ['answers with the wrong message', (peer) => peer.say({ type: 'idle', jail_ready: true }), 'protocol'],
  ['succeeds without a result', (peer) => peer.say(outcome), 'protocol'],
  [
    'tells a failure that is not its own',
    (peer) => peer.say({ ...outcome, status: 'failed', error: { code: 'cancelled', message: '' } }),
    'protocol',
  ],
  ['says nothing in time', () => undefined, 'overdue'],
])('a supervisor that %s during a job is killed, and the job has no outcome', async (_, act, reason) => {
  const { peer, slot } = await open(short);
  peer.onAsk = () => act(peer);
  await expect(slot.run(job)).rejects.toEqual(dies(reason));
  await expect(slot.death).resolves.toEqual(dies(reason));
  expect(slot.alive).toBe(false);
  expect(peer.killed).toBe(1);
});

describe('an outcome that is there before a worker that stood still can look', () => {
  const standStillMs = job.timeoutMs + short.overdueMs + 200;
  /** Has the event loop see the time that is over before it sees what came in that time. */
  const standStill = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, standStillMs);

  test('counts, and the slot lives', async () => {
    const { peer, slot } = await open(short);
    const running = slot.run(job);
    await turn();
    setTimeout(() => peer.say(outcome, one), job.timeoutMs + short.overdueMs + 100);
    standStill();
    await expect(running).resolves.toMatchObject({ outcome: { status: 'succeeded', result: '1' } });
    expect(slot.alive).toBe(true);
  });

  test('where there is none, the slot is killed all the same', async () => {
    const { slot } = await open(short);
    const running = slot.run(job);
    await turn();
    standStill();
    await expect(running).rejects.toEqual(dies('overdue'));
  });
});

test('a message that nobody asked for is not taken for the next answer', async () => {
  const { peer, slot } = await open();
  peer.say(outcome, one);
  await turn();
  await expect(slot.run(job)).rejects.toEqual(dies('protocol'));
  expect(peer.asked).toEqual([]);
});

test('a supervisor that never gets idle is killed', async () => {
  const { peer, slot } = await open(short);
  peer.onAsk = () => peer.say(outcome, one);
  await slot.run(job);
  await expect(slot.idle()).rejects.toEqual(dies('not_idle'));
});

test('a supervisor that never gets ready is killed', async () => {
  const peer = new Peer();
  await expect(openSlot(peer, never, short)).rejects.toEqual(dies('not_ready'));
  expect(peer.killed).toBe(1);
});

test('a slot in the making is killed when it is not wanted any more', async () => {
  const peer = new Peer();
  const stop = new AbortController();
  const opening = openSlot(peer, stop.signal);
  stop.abort();
  await expect(opening).rejects.toEqual(dies('destroyed'));
  expect(peer.killed).toBe(1);
});

test('a destroyed slot is killed once, however often it is asked for', async () => {
  const { peer, slot } = await open();
  const running = slot.run(job);
  await Promise.all([slot.destroy(), slot.destroy(), expect(running).rejects.toEqual(dies('destroyed'))]);
  expect(peer.killed).toBe(1);
});

describe('a job that is cancelled', () => {
  const cancelled = { ...outcome, status: 'cancelled', error: { code: 'cancelled', message: 'Cancelled.' } };
  const idle = { type: 'idle', jail_ready: true };
  const long = { ...job, timeoutMs: 10_000 };

  test('is told to the supervisor by its number, and its outcome says so', async () => {
    const { peer, slot } = await open();
    const stop = new AbortController();
    peer.onAsk = () => {
      if (peer.asked.at(-1)?.type === 'run') stop.abort();
      else peer.say(cancelled, [['stdout', Buffer.from('kept')]]);
    };
    const result = await slot.run(long, { signal: stop.signal });
    expect(peer.asked[1]).toEqual({ type: 'cancel', number: 1 });
    expect(result.outcome).toMatchObject({
      ...{ status: 'cancelled', result: null, stdout: 'kept', error: cancelled.error },
    });
    peer.say(idle);
    await slot.idle();
    expect(slot.alive).toBe(true);
  });

  test('before it was sent is sent and cancelled: only the supervisor says how a job ended', async () => {
    const { peer, slot } = await open();
    peer.onAsk = () => peer.asked.at(-1)?.type === 'cancel' && peer.say(cancelled);
    const { outcome: said } = await slot.run(long, { signal: AbortSignal.abort() });
    expect(said.status).toBe('cancelled');
    expect(peer.asked.map(({ type }) => type)).toEqual(['run', 'cancel']);
  });

  test('just when it has ended keeps its outcome, and the slot', async () => {
    const { peer, slot } = await open();
    const stop = new AbortController();
    peer.onAsk = () => {
      if (peer.asked.at(-1)?.type === 'cancel') return;
      peer.say(outcome, one);
      peer.say(idle);
      stop.abort();
    };
    const { outcome: said } = await slot.run(long, { signal: stop.signal });
    expect(said).toMatchObject({ status: 'succeeded', result: '1' });
    await slot.idle();
    peer.onAsk = () => peer.say(outcome, one);
    await slot.run(long);
    expect(peer.asked.map(({ number }) => number)).toEqual([1, 1, 2]);
  });

  test('is nothing to the supervisor once it has ended', async () => {
    const { peer, slot } = await open();
    const stop = new AbortController();
    peer.onAsk = () => peer.say(outcome, one);
    await slot.run(long, { signal: stop.signal });
    stop.abort();
    expect(peer.asked).toHaveLength(1);
  });

  test('and whose supervisor does not answer takes its slot with it', async () => {
    const { peer, slot } = await open(short);
    const stop = new AbortController();
    peer.onAsk = () => stop.abort();
    await expect(slot.run(long, { signal: stop.signal })).rejects.toEqual(dies('not_cancelled'));
    expect(peer.killed).toBe(1);
  });
});

describe('what a job prints while it runs', () => {
  const output = (stream: string) => ({ type: 'output', stream });

  test('is heard in order and as whole characters, whatever it is split into', async () => {
    const { peer, slot } = await open();
    const heard: string[] = [];
    peer.onAsk = () => {
      for (const byte of Buffer.from('é€')) peer.say(output('stdout'), [['bytes', Buffer.from([byte])]]);
      peer.say(output('stderr'), [['bytes', Buffer.from('!')]]);
      peer.say(outcome, one);
    };
    await slot.run(job, { onOutput: (stream, text) => heard.push(`${stream} ${text}`) });
    expect(heard).toEqual(['stdout é', 'stdout €', 'stderr !']);
  });

  test('is no answer, and may be heard by nobody', async () => {
    const { peer, slot } = await open();
    peer.onAsk = () => {
      for (let count = 0; count < 10; count += 1) peer.say(output('stdout'), [['bytes', Buffer.from('x')]]);
      peer.say(outcome, one);
    };
    expect((await slot.run(job)).outcome.status).toBe('succeeded');
  });

  test.each([
    ['without a job', output('stdout')],
    ['on a stream that is none', output('result')],
  ])('%s breaks the protocol', async (_, message) => {
    const { peer, slot } = await open();
    peer.say(message, [['bytes', Buffer.from('x')]]);
    await expect(slot.run(job)).rejects.toEqual(dies('protocol'));
  });
});
