import { type Report, reportSchema } from '../../tools/doctor/report.ts';
import { run } from '../../tools/lib/run.ts';
import { AS_STRANGER, bareEnvironment, type Ground, REPOSITORY } from '../start/jobcell.ts';

export type Said = { code: number | null; stdout: string; stderr: string };

export type Options = {
  settings?: Record<string, string>;
  /** What runs it, such as a command that takes a right away. */
  prefix?: string[];
  cwd?: string;
};

/** A real `npm run doctor` with these words, told of the tests' engine. */
export async function doctor(ground: Ground, words: string[], options: Options = {}): Promise<Said> {
  const { settings = {}, prefix = ground.asStranger ? AS_STRANGER : [], cwd = REPOSITORY } = options;
  const [program = '', ...args] = [...prefix, 'npm', 'run', '--silent', 'doctor', '--', ...words];
  const { DOCKER_HOST } = process.env;
  const engine = DOCKER_HOST === undefined ? {} : { DOCKER_HOST };
  return await run(program, args, { cwd, env: { ...bareEnvironment(ground), ...engine, ...settings } });
}

/** What it says with `--json`, held against its schema. */
export async function report(
  ground: Ground,
  options: Options = {},
): Promise<{ code: number | null; report: Report }> {
  const said = await doctor(ground, ['--json'], options);
  try {
    return { code: said.code, report: reportSchema.parse(JSON.parse(said.stdout)) };
  } catch (error) {
    throw new Error(`not a report: ${said.code} ${said.stdout}${said.stderr}`, { cause: error });
  }
}
