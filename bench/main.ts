/**
 * `npm run bench`: what `/execute` costs beside a bare interpreter and a bare nsjail, measured in one run in interleaved
 * rounds, since a machine's speed drifts. Every round is printed; the median of the rounds counts.
 */
import { parseArgs } from 'node:util';
import { openDataDir } from '../tools/lib/data-dir.ts';
import { runTool } from '../tools/lib/say.ts';
import { setUpSandboxPython } from '../tools/sandbox-python/setup.ts';
import { bringUpEngine } from '../tools/test/engine.ts';
import { median, type Summary, summaryOf } from './statistics.ts';
import type { Subject } from './subjects.ts';

const scripts = [
  { name: 'trivial', runs: 60 },
  { name: 'pandas', runs: 8 },
];

await runTool(async () => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
  const dataDir = openDataDir('.jobcell');
  await setUpSandboxPython(dataDir);
  const engine = await bringUpEngine();
  Object.assign(process.env, engine.environment);
  // Which drivers there are is known once the engine is up.
  const { openSubjects } = await import('./subjects.ts');
  const subjects = await openSubjects(`${dataDir}/sandbox`);
  try {
    for (const script of scripts) await compare(script, subjects, Number(values.rounds));
  } finally {
    for (const subject of subjects) await subject.close();
    await engine.release();
  }
  return 0;
});

/** Rounds of all subjects in turn; a line a subject and round, then the medians and what they come to. */
async function compare(
  script: { name: string; runs: number },
  subjects: Subject[],
  rounds: number,
): Promise<void> {
  console.log(`\n${script.name}: ${rounds} rounds of ${script.runs} runs, one after another; ms`);
  const rows = new Map<string, Summary[]>(subjects.map((subject) => [subject.name, []]));
  for (const subject of subjects) await measure(subject, script.name, 3);
  for (let round = 1; round <= rounds; round += 1) {
    for (const subject of subjects) {
      const summary = await measure(subject, script.name, script.runs);
      rows.get(subject.name)?.push(summary);
      console.log(
        `  round ${round}  ${subject.name.padEnd(20)} p50 ${ms(summary.p50)}  p95 ${ms(summary.p95)}`,
      );
    }
  }
  const p50 = new Map(
    [...rows].map(([name, summaries]) => [name, median(summaries.map((summary) => summary.p50))]),
  );
  const bare = p50.get('python3') ?? Number.NaN;
  const jail = p50.get('nsjail python3') ?? Number.NaN;
  for (const [name, summaries] of rows) {
    const middle = p50.get(name) ?? Number.NaN;
    const p95 = median(summaries.map((summary) => summary.p95));
    const relation = `${(middle / bare).toFixed(2)} of bare python3, ${ms(middle - jail)} ms more than bare nsjail`;
    console.log(`  median   ${name.padEnd(20)} p50 ${ms(middle)}  p95 ${ms(p95)}  ${relation}`);
  }
}

async function measure(subject: Subject, script: string, runs: number): Promise<Summary> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now();
    await subject.run(script);
    times.push(performance.now() - began);
  }
  return summaryOf(times);
}

function ms(value: number): string {
  return value.toFixed(1).padStart(7);
}
