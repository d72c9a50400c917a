import type { During } from './during.ts';
import { type Plan, runsInARow } from './plan.ts';
import { type Script, scripts } from './scripts.ts';
import { median, type Summary, summaryOf } from './statistics.ts';
import type { Sample, Subject } from './subjects.ts';

/** One subject and script: medians of the rounds in ms, and each run. */
export type InARow = { subject: string; script: Script; summary: Summary; samples: Sample[] };

const WARM_UP_RUNS = 3;

/** Rounds of all subjects in turn, since a machine's speed drifts; every round is printed. */
export async function oneAfterAnother(plan: Plan, subjects: Subject[], during: During): Promise<InARow[]> {
  const rows = scripts.flatMap((script) =>
    subjects.map((subject) => ({ script, subject, rounds: [] as Sample[][] })),
  );
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const { script, subject, rounds } of rows) {
      const samples = await during(`${script} ${subject.name}`, () => measure(plan, script, subject));
      rounds.push(samples);
      const { p50, p95 } = summaryOf(samples.map(({ ms }) => ms));
      console.log(
        `  round ${round}  ${script.padEnd(7)}  ${subject.name.padEnd(22)}  p50 ${ms(p50)}  p95 ${ms(p95)}  ${samples.length} runs`,
      );
    }
  }
  return rows.map(({ script, subject, rounds }) => ({
    subject: subject.name,
    script,
    summary: medians(rounds),
    samples: rounds.flat(),
  }));
}

/** The first runs open the connection and bring back what others have pushed out of the caches. */
async function measure(plan: Plan, script: Script, { kind, batch }: Subject): Promise<Sample[]> {
  await batch(script, WARM_UP_RUNS);
  return await batch(script, runsInARow(plan, script, kind));
}

function medians(rounds: Sample[][]): Summary {
  const summaries = rounds.map((samples) => summaryOf(samples.map(({ ms }) => ms)));
  return {
    p50: median(summaries.map(({ p50 }) => p50)),
    p95: median(summaries.map(({ p95 }) => p95)),
  };
}

const ms = (value: number): string => value.toFixed(2).padStart(7);
