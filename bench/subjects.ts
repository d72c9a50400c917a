import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../tools/lib/paths.ts';
import { PYTHON } from '../tools/lib/python.ts';
import { Refusal } from '../tools/lib/say.ts';
import { type Script, sourceOf } from './scripts.ts';

/** How a script is run, which decides how many runs are worth their time. */
export type Kind = 'bare' | 'floor' | 'nsjail' | 'warm' | 'cold';

/** `Server-Timing`, where the result came over HTTP. */
type Ran = { serverTiming?: string };
/** One run and its wall time in ms. */
export type Sample = Ran & { ms: number };

/** Runs a script once; rejects when there is no result. */
export type Run = (script: Script) => Promise<Ran>;
/** Runs a script `runs` times, one after another. */
type Batch = (script: Script, runs: number) => Promise<Sample[]>;

/** One way to run a script. */
export type Subject = { name: string; kind: Kind; batch: Batch };
/** One that runs scripts at once, too. */
export type Runner = Subject & { run: Run };

const exec = promisify(execFile);
const printing = (script: Script) => `${sourceOf(script)}\nprint(main())`;

/** The environment of the interpreters outside jails: the sandbox's packages, one thread. */
export const pythonEnvironment = (sandbox: string) => ({
  PATH: '/usr/bin:/bin',
  PYTHONPATH: `${sandbox}/site`,
  OPENBLAS_NUM_THREADS: '1',
});

/** A process for each run. `sandbox`: the folder with the packages and nsjail of the process driver. */
export function barePython(sandbox: string): Runner {
  const env = pythonEnvironment(sandbox);
  return runner('python3', 'bare', async (script) => {
    await exec(PYTHON, ['-c', printing(script)], { env });
    return {};
  });
}

/** nsjail with the jail's own configuration, but for what the supervisor passes to its runner. */
export function bareNsjail(sandbox: string): Runner {
  const config = ['--config', `${ROOT}/nsjail/jail.cfg`, '--time_limit', '0', '--really_quiet'];
  const cgroups = ['--cgroup_mem_max', '0', '--cgroup_pids_max', '0'];
  const site = ['--bindmount_ro', `${sandbox}/site:/site`, '--env', 'PYTHONPATH=/site'];
  return runner('nsjail python3', 'nsjail', async (script) => {
    const args = [...config, ...cgroups, ...site, '--', PYTHON, '-c', printing(script)];
    await exec(`${sandbox}/bin/nsjail`, args);
    return {};
  });
}

/** What runs a script once can run a batch of it. A run that fails says whose it was. */
export function runner(name: string, kind: Kind, once: Run): Runner {
  const run: Run = async (script) => {
    try {
      return await once(script);
    } catch (error) {
      throw new Refusal(`${name} failed ${script}: ${reasonOf(error as Error & { stderr?: string })}`);
    }
  };
  return { name, kind, run, batch: (script, runs) => batchOf(run, script, runs) };
}

async function batchOf(run: Run, script: Script, runs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let number = 0; number < runs; number += 1) {
    const began = performance.now();
    const ran = await run(script);
    samples.push({ ms: performance.now() - began, ...ran });
  }
  return samples;
}

/** A program's last line, or the error's own words. */
function reasonOf({ message, stderr = '' }: Error & { stderr?: string }): string {
  return stderr.trim().split('\n').at(-1) || message;
}
