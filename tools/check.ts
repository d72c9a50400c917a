import { globSync } from 'node:fs';
import { styleText } from 'node:util';
import { ROOT } from './lib/paths.ts';
import { type Ran, run } from './lib/run.ts';
import { runTool } from './lib/say.ts';

type Check = { name: string; command: readonly [string, ...string[]] };
type Result = Ran & { name: string; seconds: number };

/** Reads only: compiled files would stay behind. */
const PYTHON_SYNTAX = 'import sys\nfor path in sys.argv[1:]: compile(open(path, "rb").read(), path, "exec")';
/** Each by the shell of its first line. */
const SHELL_SYNTAX =
  'for f; do case $(head -n 1 "$f") in *bash) s=bash ;; *) s=sh ;; esac; $s -n "$f" || exit 1; done';

const checks: Check[] = [
  { name: 'format and lint', command: ['biome', 'ci', '--colors=off', '.'] },
  { name: 'types of tools and tests', command: ['tsc', '--project', '.'] },
  { name: 'types of packages', command: ['turbo', 'run', 'types', '--output-logs=errors-only'] },
  { name: 'dead code', command: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'Python syntax', command: ['python3', '-I', '-c', PYTHON_SYNTAX, ...files('nsjail/**/*.py')] },
  { name: 'table of settings', command: ['node', 'tools/settings-table.ts', '--check'] },
  {
    name: 'shell syntax',
    command: ['sh', '-c', SHELL_SYNTAX, 'sh', ...files('tools/**/*.sh')],
  },
];

/** `npm run check`: all that is wrong with the code without running it; needs no service and no network. */
await runTool(async () => {
  const results = await Promise.all(checks.map(perform));
  const failed = results.filter(({ code }) => code !== 0);
  for (const { name, stdout, stderr } of failed) {
    process.stdout.write(`\n${styleText('bold', name)}\n${`${stdout}\n${stderr}`.trim()}\n`);
  }
  process.stdout.write(`\n${results.map(summary).join('\n')}\n`);
  return failed.length > 0 ? 1 : 0;
});

async function perform({ name, command: [program, ...args] }: Check): Promise<Result> {
  const startedAt = performance.now();
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  const ran = await run(program, args, { cwd: ROOT, env });
  return { ...ran, name, seconds: (performance.now() - startedAt) / 1000 };
}

function summary({ name, code, seconds }: Result): string {
  const mark = code === 0 ? styleText('green', 'ok  ') : styleText('red', 'FAIL');
  return `${mark} ${name} (${seconds.toFixed(1)} s)`;
}

function files(pattern: string): string[] {
  const exclude = (name: string) => name.includes('fixtures');
  return globSync(pattern, { cwd: ROOT, exclude }).sort();
}
