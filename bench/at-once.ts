import { setTimeout as pause } from 'node:timers/promises';
import { type CpuTimes, medianOfCpu, startCpuMeter } from './cpu.ts';
import type { During } from './during.ts';
import { type Load, load } from './load.ts';
import { type Plan, runsAtOnce } from './plan.ts';
import { type Script, scripts } from './scripts.ts';
import type { Served } from './served.ts';
import { median } from './statistics.ts';
import type { Runner } from './subjects.ts';

/** One subject and script: medians of the rounds by jobs at once, and the CPU ms a job with the most of them. */
export type AtOnce = { subject: string; script: Script; loads: Map<number, Load>; cpu: CpuTimes };

type Cell = { script: Script; concurrency: number; subject: Runner | Served; rounds: Round[] };
type Round = Load & { jobs: number; cpu: CpuTimes };

export const concurrencies = [1, 4, 16];
const MOST = 16;
const WARM_UP_RUNS = 4;
/** For whatever was begun before to come to its end. */
const PAUSE_MS = 200;

/** Rounds of all subjects in turn, since a machine's speed drifts; every round is printed. */
export async function atOnce(plan: Plan, subjects: (Runner | Served)[], during: During): Promise<AtOnce[]> {
  const cells = scripts.flatMap((script) =>
    concurrencies.flatMap((concurrency) =>
      subjects.map((subject): Cell => ({ script, concurrency, subject, rounds: [] })),
    ),
  );
  for (let number = 1; number <= plan.rounds; number += 1) {
    for (const cell of cells) {
      const { script, concurrency, subject } = cell;
      const what = `${script.padEnd(7)}  ${`${concurrency}`.padStart(2)} at once  ${subject.name.padEnd(22)}`;
      const round = await during(what, () => measure(plan, cell));
      cell.rounds.push(round);
      console.log(`  round ${number}  ${what}  ${shown(round)}`);
    }
  }
  return scripts.flatMap((script) =>
    subjects.map(({ name }) => {
      const own = cells.filter((cell) => cell.script === script && cell.subject.name === name);
      return summed(script, name, own);
    }),
  );
}

async function measure(plan: Plan, { script, concurrency, subject }: Cell): Promise<Round> {
  await load(subject.run, script, { jobs: WARM_UP_RUNS, concurrency });
  await pause(PAUSE_MS);
  const jobs = runsAtOnce(plan, script, subject.kind, concurrency);
  if (concurrency < MOST)
    return { ...(await load(subject.run, script, { jobs, concurrency })), jobs, cpu: new Map() };
  const endMeter = await startCpuMeter('stack' in subject ? subject : null);
  const done = await load(subject.run, script, { jobs, concurrency });
  await pause(PAUSE_MS); // the jails that were made and cleared away count
  return { ...done, jobs, cpu: await endMeter() };
}

function summed(script: Script, subject: string, cells: Cell[]): AtOnce {
  const middle = (rounds: Round[], of: keyof Load) => median(rounds.map((round) => round[of]));
  const loads = cells.map(({ concurrency, rounds }): [number, Load] => [
    concurrency,
    { perSecond: middle(rounds, 'perSecond'), p50: middle(rounds, 'p50'), p95: middle(rounds, 'p95') },
  ]);
  return { subject, script, loads: new Map(loads), cpu: medianOfCpu(cells.flatMap(({ rounds }) => rounds)) };
}

function shown({ perSecond, p50, p95, jobs }: Round): string {
  const [rate, ...ms] = [perSecond, p50, p95].map((value) => value.toFixed(1).padStart(6));
  return `${rate} jobs/s  p50 ${ms[0]}  p95 ${ms[1]}  ${jobs} runs`;
}
