import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { drivers } from '../tests/support/drivers.ts';
import { startStack } from '../tests/support/stack.ts';
import { ROOT } from '../tools/lib/paths.ts';
import { PYTHON } from '../tools/lib/python.ts';

/** One way to run a script. `run` resolves when the script's result is there, and rejects when there is none. */
export type Subject = { name: string; run(script: string): Promise<void>; close(): Promise<void> };

const exec = promisify(execFile);
const sourceOf = (script: string) => readFileSync(new URL(`scripts/${script}.py`, import.meta.url), 'utf8');
const printing = (source: string) => `${source}\nprint(main())`;

/** The baselines, and `/execute` on each driver that this machine can run. `sandbox`: the process driver's Python. */
export async function openSubjects(sandbox: string): Promise<Subject[]> {
  const subjects = [barePython(sandbox), bareNsjail(sandbox)];
  for (const { name, skip } of drivers) {
    if (skip === null) subjects.push(await executeOn(name));
    else console.log(`without /execute ${name}: ${skip}`);
  }
  return subjects;
}

function barePython(sandbox: string): Subject {
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: `${sandbox}/site`, OPENBLAS_NUM_THREADS: '1' };
  return {
    name: 'python3',
    run: async (script) => void (await exec(PYTHON, ['-c', printing(sourceOf(script))], { env })),
    close: async () => undefined,
  };
}

/** nsjail with the jail's own configuration, but for what the supervisor passes to its runner. */
function bareNsjail(sandbox: string): Subject {
  const config = ['--config', `${ROOT}/nsjail/jail.cfg`, '--time_limit', '0', '--really_quiet'];
  const cgroups = ['--cgroup_mem_max', '0', '--cgroup_pids_max', '0', '--cgroup_cpu_ms_per_sec', '0'];
  const site = ['--bindmount_ro', `${sandbox}/site:/site`, '--env', 'PYTHONPATH=/site'];
  return {
    name: 'nsjail python3',
    run: async (script) => {
      const args = [...config, ...cgroups, ...site, '--', PYTHON, '-c', printing(sourceOf(script))];
      await exec(`${sandbox}/bin/nsjail`, args);
    },
    close: async () => undefined,
  };
}

async function executeOn(driver: 'process' | 'docker'): Promise<Subject> {
  const stack = await startStack({ driver, slots: 2 });
  return {
    name: `/execute ${driver}`,
    run: async (script) => {
      const answer = await stack.client.post('/execute', { script: sourceOf(script), timeout_ms: 20_000 });
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    },
    close: () => stack.stop(),
  };
}
