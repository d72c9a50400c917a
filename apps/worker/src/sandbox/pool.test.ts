import type { SandboxFacts } from '@jobcell/shared/contract';
import { createLogger } from '@jobcell/shared/log';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { Pool } from './pool.ts';
import { type Sandbox, type SandboxDriver, type SandboxResult, SlotDeath } from './port.ts';

const log = createLogger('silent', 'test');
const never = new AbortController().signal;

/** A slot without anything behind it: what is tested here is who gets which, and when. */
class EmptySlot implements Sandbox {
  readonly fallback = null;
  readonly id: string;
  readonly facts = {} as SandboxFacts;
  readonly #death = Promise.withResolvers<SlotDeath>();
  readonly death = this.#death.promise;
  alive = true;
  #idle = Promise.withResolvers<void>();

  constructor(id: string) {
    this.id = id;
    this.#idle.resolve();
  }
  async run(): Promise<SandboxResult> {
    this.#idle = Promise.withResolvers();
    return {} as SandboxResult;
  }
  idle(): Promise<void> {
    return this.#idle.promise;
  }
  getIdle(): void {
    this.#idle.resolve();
  }
  die(): void {
    this.alive = false;
    this.#death.resolve(new SlotDeath(this.id, 'ended', 'gone'));
  }
  async destroy(): Promise<void> {
    this.die();
    await this.death;
  }
}

class TestDriver implements SandboxDriver {
  readonly made: EmptySlot[] = [];
  readonly triedAt: number[] = [];
  trouble: string | null = null;
  closed = false;
  async make(): Promise<Sandbox> {
    this.triedAt.push(performance.now());
    if (this.trouble !== null) throw new Error(this.trouble);
    const slot = new EmptySlot(String(this.made.length));
    this.made.push(slot);
    return slot;
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

const open: Pool[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

function poolOf(size: number, refuse: () => string | null = () => null) {
  const driver = new TestDriver();
  const pool = new Pool({ driver, size, refuse, onChange: () => undefined, log });
  open.push(pool);
  return { driver, pool };
}

async function started(size: number) {
  const { driver, pool } = poolOf(size);
  pool.start();
  await until('all are there', () => pool.usable === size);
  return { driver, pool };
}

test('a slot is leased to one at a time, and the one that was idle last is the next', async () => {
  const { pool } = await started(2);
  const [a, b] = [await pool.lease(never), await pool.lease(never)];
  expect(a).not.toBe(b);
  let third: Sandbox | undefined;
  const waiting = pool.lease(never).then((slot) => {
    third = slot;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(third).toBeUndefined();
  pool.giveBack(b);
  await waiting;
  expect(third).toBe(b);
  pool.giveBack(a);
  pool.giveBack(b);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await pool.lease(never)).toBe(b);
});

test('a slot that was given back is leased again only when it is idle', async () => {
  const { driver, pool } = await started(1);
  const slot = await pool.lease(never);
  await slot.run({} as never);
  pool.giveBack(slot);
  let leased = false;
  const next = pool.lease(never).then(() => {
    leased = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(leased).toBe(false);
  driver.made[0]?.getIdle();
  await next;
});

test('who stops waiting for a slot does not take one', async () => {
  const { pool } = await started(1);
  const slot = await pool.lease(never);
  const stop = new AbortController();
  const waiting = pool.lease(stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  pool.giveBack(slot);
  expect(await pool.lease(never)).toBe(slot);
});

test('who waits only so long for a slot does not take one after that', async () => {
  const { pool } = await started(1);
  const slot = await pool.lease(never);
  await expect(pool.lease(never, 1)).rejects.toThrow('no slot was free within 1 ms');
  const patient = pool.lease(never, 60_000);
  pool.giveBack(slot);
  expect(await patient).toBe(slot);
});

test('a dead slot is not leased, and is replaced at once when it had served', async () => {
  const { driver, pool } = await started(1);
  pool.giveBack(await pool.lease(never));
  const before = performance.now();
  driver.made[0]?.die();
  const slot = await pool.lease(never);
  expect(slot).toBe(driver.made[1]);
  expect(performance.now() - before).toBeLessThan(500);
});

test('slots that die as soon as they are made are not made faster than once a second', async () => {
  const { driver, pool } = poolOf(1);
  pool.start();
  for (let turn = 0; turn < 3; turn += 1) {
    await until('one is made', () => driver.made.length > turn);
    driver.made[turn]?.die();
  }
  const [first = 0, second = 0, third = 0] = driver.triedAt;
  expect(second - first).toBeGreaterThan(950);
  expect(third - second).toBeGreaterThan(950);
});

test('while slots cannot be made one is tried at a time, no faster than once a second, and the reason is told', async () => {
  const { driver, pool } = poolOf(4);
  driver.trouble = 'the engine is away';
  pool.start();
  await until('it is told', () => pool.trouble === 'the engine is away');
  await until('it is tried again', () => driver.triedAt.length > 4, 5_000);
  expect((driver.triedAt[4] ?? 0) - (driver.triedAt[0] ?? 0)).toBeGreaterThan(950);
  driver.trouble = null;
  await until('all are there', () => pool.usable === 4, 10_000);
  expect(pool.trouble).toBeNull();
});

test('a slot with facts that are refused is destroyed', async () => {
  const { driver, pool } = poolOf(1, () => 'too weak');
  pool.start();
  await until('it is told', () => pool.trouble === 'too weak');
  expect(pool.usable).toBe(0);
  expect(driver.made[0]?.alive).toBe(false);
});

test('closing destroys every slot, makes none in its place, and closes the driver', async () => {
  const { driver, pool } = await started(3);
  await pool.lease(never);
  await pool.close();
  expect(driver.made.map((slot) => slot.alive)).toEqual([false, false, false]);
  expect(driver).toMatchObject({ closed: true, triedAt: { length: 3 } });
  await expect(pool.lease(never)).rejects.toThrow('the pool is closed');
});
