import { atOnce } from './at-once.ts';
import { type During, duringUntil } from './during.ts';
import { openFloor } from './floor.ts';
import { type Ground, prepareGround } from './ground.ts';
import { load } from './load.ts';
import { memoryASlot } from './memory.ts';
import { oneAfterAnother } from './one-after-another.ts';
import { type Plan, runsToSettle } from './plan.ts';
import { heading, type Measured, printMedians } from './report.ts';
import { nameOf, openServed, type Served, SLOTS, troubleOf } from './served.ts';
import { bareNsjail, barePython } from './subjects.ts';
import { targetsAtOnce, targetsInARow } from './targets.ts';

/** All of it, printed as it goes. Rejects as soon as `stop` aborts; what is still there then ends with `owner`. */
export async function bench(plan: Plan, stop: AbortSignal, owner: AsyncDisposableStack): Promise<void> {
  const began = performance.now();
  const during = duringUntil(stop);
  const ground = await during('preparing', () => prepareGround(plan.drivers, stop, owner));
  const { targets, ...times } = await measureTimes(plan, ground, during);
  heading('Memory a slot, idle, each kind by itself');
  const memory = await memoryASlot(ground.drivers, during);
  printMedians({ ...times, memory }, ground.drivers);
  heading('Targets, all of them');
  console.log(targets.join('\n'));
  console.log(`\nIt took ${((performance.now() - began) / 60_000).toFixed(1)} minutes.`);
}

type Times = Pick<Measured, 'inARow' | 'loads'> & { targets: string[] };

/** With all subjects up at once, so that a round can go from one to the next. */
async function measureTimes(plan: Plan, { sandbox, drivers }: Ground, during: During): Promise<Times> {
  await using owner = new AsyncDisposableStack();
  const bare = barePython(sandbox);
  const floor = openFloor(sandbox, owner);
  heading(`Stacks of ${SLOTS} slots`);
  const served: Served[] = [];
  for (const driver of drivers) {
    for (const start of ['warm', 'cold'] as const) {
      const name = nameOf(driver, start);
      const stack = await during(`starting ${name}`, () => openServed(driver, start, owner));
      const jobs = runsToSettle(plan, start);
      await during(`settling ${name}`, () => load(stack.run, 'trivial', { jobs, concurrency: SLOTS }));
      console.log(`  ${name} has settled in ${jobs} runs`);
      served.push(stack);
    }
  }
  heading(`One after another: ${plan.rounds} rounds, ms`);
  const inARow = await oneAfterAnother(plan, [bare, floor, bareNsjail(sandbox), ...served], during);
  const first = targetsInARow(inARow, drivers);
  console.log(first.join('\n'));
  heading(`At once: ${plan.rounds} rounds, ms`);
  const loads = await atOnce(plan, [bare, ...served], during);
  const second = targetsAtOnce(loads, drivers);
  console.log(second.join('\n'));
  for (const trouble of served.map(troubleOf)) if (trouble !== null) console.log(`  warned: ${trouble}`);
  return { inARow, loads, targets: [...first, ...second] };
}
