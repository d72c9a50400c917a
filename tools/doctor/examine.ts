import { join, resolve } from 'node:path';
import type { Settings } from '@jobcell/shared/config';
import { createLogger } from '@jobcell/shared/log';
import { Diagnostics } from '../../apps/worker/src/sandbox/diagnostics.ts';
import { connectEngine } from '../../apps/worker/src/sandbox/docker/engine.ts';
import { causes, type Finding } from '../lib/causes.ts';
import { readEvidence } from '../lib/evidence.ts';
import { findUnfitness } from '../lib/host.ts';
import { ROOT } from '../lib/paths.ts';
import { PYTHON } from '../lib/python.ts';
import { run } from '../lib/run.ts';
import { Refusal } from '../lib/say.ts';
import { sandboxPythonIsThere } from '../sandbox-python/setup.ts';
import { ATTEMPT_MS, NSJAIL_DIR, type Tried, tryDriver } from './attempt.ts';
import { explain } from './choose.ts';
import type { DriverReport, Report, Severity } from './report.ts';

/** For each call to an engine: one that hangs is told within the time of an attempt. */
const ENGINE_CALL_MS = 10_000;

/** Tries both drivers, one after the other, each as `settings` say. */
export async function examine(settings: Settings, stop: AbortSignal): Promise<Report> {
  const absolute = { ...settings, DATA_DIR: resolve(ROOT, settings.DATA_DIR) };
  const onHost = await examineProcess({ ...absolute, SANDBOX_DRIVER: 'process' }, stop);
  stop.throwIfAborted();
  const inContainer = await examineDocker({ ...absolute, SANDBOX_DRIVER: 'docker' }, stop);
  stop.throwIfAborted();
  const drivers = { process: onHost, docker: inContainer };
  const named = settings.SANDBOX_DRIVER;
  const { works } = drivers[named];
  const buildsImage = inContainer.findings.some(({ cause }) => cause === 'image_missing');
  return {
    works,
    drivers,
    npm_start: { driver: named, works },
    docker_compose_up: {
      driver: 'docker',
      works: inContainer.works || buildsImage,
      builds_image: buildsImage,
    },
  };
}

/** What `npm start` refuses is told without a slot, and all of it at once. */
async function examineProcess(settings: Settings, stop: AbortSignal): Promise<DriverReport> {
  const unfit = await findUnfitness();
  if (unfit?.cause === 'not_linux') return refused([unfit]);
  const found = [unfit, await findMissingPython(settings.DATA_DIR)].filter((one) => one !== undefined);
  if (found.length > 0) return refused(found);
  try {
    const tried = await tryDriver(settings, stop);
    return judge(tried, settings, await findWeakLimits(tried, settings.DATA_DIR));
  } catch (error) {
    return refused([explain('process', error as Error, readEvidence())]);
  }
}

async function examineDocker(settings: Settings, stop: AbortSignal): Promise<DriverReport> {
  try {
    const engine = connectEngine(undefined, ENGINE_CALL_MS);
    await engine.hasAppArmor(); // whether it answers at all, before there is anything to tidy up
    return judge(await tryDriver(settings, stop, engine), settings, []);
  } catch (error) {
    return refused([explain('docker', error as Error, readEvidence())]);
  }
}

async function findMissingPython(dataDir: string): Promise<Finding | undefined> {
  try {
    if (await sandboxPythonIsThere(dataDir)) return undefined;
    return {
      cause: 'sandbox_python_missing',
      seen: `${join(dataDir, 'sandbox')} is not what npm start sets up`,
    };
  } catch (error) {
    if (error instanceof Refusal) return { cause: 'python_missing', seen: error.message };
    throw error;
  }
}

/** A launcher that has to have a cgroup says why there is none; the one of a slot goes on without. */
async function findWeakLimits({ facts }: Tried, dataDir: string): Promise<Finding[]> {
  if (facts.limits_enforced_by === 'cgroup') return [];
  const places = ['--nsjail-dir', NSJAIL_DIR, '--sandbox-dir', join(dataDir, 'sandbox')];
  const ran = await run(
    PYTHON,
    ['-I', '-S', join(NSJAIL_DIR, 'launcher'), ...places, '--cgroup', 'require'],
    {
      timeoutMs: ATTEMPT_MS,
    },
  );
  const diagnostics = new Diagnostics(createLogger('silent', 'doctor'));
  diagnostics.push(Buffer.from(ran.stderr));
  return [{ cause: 'cgroup_not_writable', seen: diagnostics.lastWords() }];
}

function judge(
  { facts, fallback }: Tried,
  { SANDBOX_START, SANDBOX_REQUIRE_CGROUP }: Settings,
  weakLimits: Finding[],
): DriverReport {
  const isRefused = SANDBOX_REQUIRE_CGROUP && weakLimits.length > 0;
  const cold: Finding[] = fallback === null ? [] : [{ cause: 'cold_start', seen: fallback }];
  return {
    works: !isRefused,
    slot: {
      start: fallback === null ? SANDBOX_START : 'cold',
      limits_enforced_by: facts.limits_enforced_by,
      isolation: facts.isolation,
      ...facts.runtime,
    },
    findings: [...found(weakLimits, isRefused ? 'refused' : 'weaker'), ...found(cold, 'weaker')],
  };
}

const refused = (findings: Finding[]): DriverReport => ({
  works: false,
  slot: null,
  findings: found(findings, 'refused'),
});

const found = (findings: Finding[], severity: Severity): DriverReport['findings'] =>
  findings.map(({ cause, seen }) => ({ cause, severity, seen, cure: causes[cause].cure }));
