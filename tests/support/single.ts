import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { cli, docker } from '../faults/docker.ts';
import { drivers } from './drivers.ts';
import { Client } from './http.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');

/** The profile that the README names: under it alone an ordinary user gets full isolation. */
const PROFILE = resolve(repository, 'nsjail/seccomp/container.json');

export const IMAGE = process.env.JOBCELL_IMAGE ?? 'jobcell';

/** On every container of these tests: what an aborted run left is found by it. */
const LABEL = 'jobcell.test=single';

/** Why the single container cannot be tried here, or `null`. */
export const skip = drivers.find(({ name }) => name === 'docker')?.skip ?? null;

export type SingleOptions = {
  /** `refused`: Docker's own profile, under which namespaces are: the double of a platform that has none. */
  namespaces: 'allowed' | 'refused';
  settings?: Record<string, string>;
  /** More of what `docker run` takes. */
  flags?: string[];
  /** What is waited for: that it takes jobs, or just that its API answers. */
  until?: 'ready' | 'answers';
};

/** What gives each level of isolation. */
const FULL: SingleOptions = { namespaces: 'allowed' };
export const AT_LANDLOCK: SingleOptions = {
  namespaces: 'refused',
  settings: { SANDBOX_ISOLATION: 'landlock' },
};
export const levels: { level: string; options: SingleOptions }[] = [
  { level: 'in full isolation', options: FULL },
  { level: 'at the landlock level', options: AT_LANDLOCK },
];

/** A process as the container itself sees it; `state` is the letter of /proc/PID/stat, `Z` for one that nobody waits for. */
type Inside = { pid: number; state: string; command: string };

const LIST = `
import json, os
found = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        command = open(f"/proc/{pid}/cmdline").read().replace("\\0", " ")
        state = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0]
    except OSError:
        continue
    if int(pid) != os.getpid():
        found.append({"pid": int(pid), "state": state, "command": command})
print(json.dumps(found))
`;

/** The image `jobcell` in a container of its own. */
export type Single = {
  name: string;
  client: Client;
  /** Its slots, each with its start time: two equal lists mean that the same slots lived on. */
  slotIdentities(): Promise<string[]>;
  /** All that it has logged. */
  logs(): Promise<string>;
  processes(): Promise<Inside[]>;
  /** Runs a program in it: its output. */
  exec(...command: string[]): Promise<string>;
  /** Ends it, with its volumes. */
  stop(): Promise<void>;
};

export async function startSingle(options: SingleOptions): Promise<Single> {
  const name = `jobcell-single-${randomUUID().slice(0, 8)}`;
  const settings = { TENANT_REQUESTS_PER_SECOND: '100000', ...options.settings };
  await docker(
    ...['run', '--detach', '--name', name, '--label', LABEL, '--publish', '127.0.0.1::8080'],
    ...(options.namespaces === 'allowed' ? ['--security-opt', `seccomp=${PROFILE}`] : []),
    ...Object.entries(settings).flatMap(([setting, value]) => ['--env', `${setting}=${value}`]),
    ...(options.flags ?? []),
    IMAGE,
  );
  try {
    const single = singleOf(name, await addressOf(name));
    await untilAnswers(single.client, options.until === 'answers' ? '/health' : '/ready');
    return single;
  } catch (error) {
    const logs = await logsOf(name);
    await remove(name);
    throw new Error(`the single container did not start: ${logs}`, { cause: error });
  }
}

/** Its API after another start of the same container. */
export async function startAgain({ name }: Single): Promise<Client> {
  await docker('start', name);
  const client = new Client(await addressOf(name));
  await untilAnswers(client, '/ready');
  return client;
}

const untilAnswers = (client: Client, path: string) =>
  until(`${path} answers`, async () => (await client.get(path)).status === 200, 60_000);

function singleOf(name: string, url: string): Single {
  return {
    name,
    client: new Client(url),
    async slotIdentities() {
      const processes = await docker('top', name, '-eo', 'pid,lstart,args');
      return processes.split('\n').filter((line) => line.includes('/opt/jobcell/supervisor'));
    },
    async processes() {
      return JSON.parse(await docker('exec', name, '/usr/bin/python3', '-I', '-S', '-c', LIST));
    },
    logs: () => logsOf(name),
    exec: (...command) => docker('exec', name, ...command),
    stop: () => remove(name),
  };
}

async function logsOf(name: string): Promise<string> {
  const { stdout, stderr } = await run(cli, ['logs', name], { maxBuffer: 64 * 1024 * 1024 });
  return stdout + stderr;
}

const remove = async (name: string) => void (await docker('rm', '--force', '--volumes', name));

/** Where its port is published; another one after each start. */
async function addressOf(name: string): Promise<string> {
  return `http://${(await docker('port', name, '8080/tcp')).split('\n')[0]}`;
}
