import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
const exec = promisify(execFile);
const src = (n: string) => readFileSync(new URL(`scripts/${n}.py`, import.meta.url), 'utf8') + '\nprint(main())';
const env = { PATH: '/usr/bin:/bin', PYTHONPATH: '/work/main/.jobcell/sandbox/site', OPENBLAS_NUM_THREADS: '1' };
for (const [name, n] of [['trivial', 400], ['pandas', 40]] as const) for (const c of [1, 4, 16]) {
  const times: number[] = []; let left = n; const t0 = performance.now();
  await Promise.all(Array.from({ length: c }, async () => { while (left-- > 0) { const t = performance.now(); await exec('/usr/bin/python3', ['-c', src(name)], { env }); times.push(performance.now() - t); } }));
  const wall = performance.now() - t0; times.sort((a, b) => a - b);
  console.log(name, c, 'p50', times[times.length >> 1]!.toFixed(1), 'per s', (times.length / wall * 1000).toFixed(1));
}
