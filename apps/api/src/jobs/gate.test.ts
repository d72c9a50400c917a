import { describe, expect, test } from 'vitest';
import { Gate } from './gate.ts';

/** Work that ends when it is told to. */
class Held {
  started = false;
  readonly #ended = Promise.withResolvers<void>();
  readonly run = (): Promise<void> => {
    this.started = true;
    return this.#ended.promise;
  };
  end(): void {
    this.#ended.resolve();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a gate', () => {
  test('lets in what there is room for, and the next when something ends', async () => {
    const gate = new Gate(10);
    const [a, b, c] = [new Held(), new Held(), new Held()];
    const runs = [gate.run(6, a.run), gate.run(4, b.run), gate.run(5, c.run)];
    await turn();
    expect([a.started, b.started, c.started]).toEqual([true, true, false]);
    b.end();
    await turn();
    expect(c.started).toBe(false);
    a.end();
    await turn();
    expect(c.started).toBe(true);
    c.end();
    await Promise.all(runs);
  });

  test('keeps the order: nothing light passes something heavy that came before', async () => {
    const gate = new Gate(10);
    const [a, heavy, light] = [new Held(), new Held(), new Held()];
    void gate.run(5, a.run);
    void gate.run(10, heavy.run);
    void gate.run(1, light.run);
    await turn();
    expect([heavy.started, light.started]).toEqual([false, false]);
    a.end();
    await turn();
    expect([heavy.started, light.started]).toEqual([true, false]);
    heavy.end();
    await turn();
    expect(light.started).toBe(true);
  });

  test('runs what is heavier than all its room, alone', async () => {
    expect(await new Gate(10).run(1_000, async () => 'done')).toBe('done');
  });

  test('makes room after a failure too, and passes it on', async () => {
    const gate = new Gate(1);
    await expect(gate.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate.run(1, async () => 'next')).toBe('next');
  });
});
