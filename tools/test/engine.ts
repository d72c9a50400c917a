import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';
import { lastLine, run } from '../lib/run.ts';
import { Refusal, say } from '../lib/say.ts';

/** A Docker engine for the tests. `release` stops it again where it was brought up for them. */
export type Engine = { environment: NodeJS.ProcessEnv; release(): Promise<void> };

const NO_ENGINE = 3;
const MINUTES_20 = 20 * 60_000;

/** Brings up an engine with the base images and those of Jobcell that tests start; without one, the tests that need it are skipped. */
export async function bringUpEngine(): Promise<Engine> {
  const wasThere = (await script('running')).code === 0;
  const up = await script('up');
  if (up.code === NO_ENGINE) {
    const reason = lastLine(up);
    say(`no Docker tests: ${reason}`);
    return { environment: { JOBCELL_NO_DOCKER: reason }, release: async () => undefined };
  }
  if (up.code !== 0) throw new Refusal(`the Docker engine did not come up: ${lastLine(up)}`);
  const environment = Object.fromEntries(
    up.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  await build(environment);
  return {
    environment,
    release: async () => {
      if (!wasThere) await script('down');
    },
  };
}

async function build(environment: NodeJS.ProcessEnv): Promise<void> {
  const images = await script('base-images', environment);
  if (images.code !== 0) throw new Refusal(`no base images: ${lastLine(images)}`);
  await buildImage('jobcell-sandbox', join(ROOT, 'nsjail'), environment);
  await buildImage('jobcell', ROOT, environment);
}

async function buildImage(image: string, context: string, environment: NodeJS.ProcessEnv): Promise<void> {
  say(`building the image ${image}`);
  const built = await run(environment.DOCKER_CLI ?? 'docker', ['build', '-t', image, context], {
    env: { ...process.env, ...environment },
    timeoutMs: MINUTES_20,
  });
  if (built.code !== 0) throw new Refusal(`the image ${image} was not built: ${lastLine(built)}`);
}

async function script(name: string, environment: NodeJS.ProcessEnv = {}) {
  return await run('bash', [join(ROOT, `tools/engine/${name}.sh`)], {
    env: { ...process.env, ...environment },
    timeoutMs: MINUTES_20,
  });
}
