import { existsSync } from 'node:fs';

/** A driver that this machine can run, or the reason why its tests are skipped. */
export type TestDriver = { name: 'process' | 'docker'; skip: string | null };

export const drivers: TestDriver[] = [
  { name: 'process', skip: process.platform === 'linux' ? null : 'skipped: the process driver needs Linux' },
  { name: 'docker', skip: dockerReason() },
];

/** How jails are started: what `SANDBOX_START` may be. */
export type Start = 'warm' | 'cold';

/** Every driver with every start of its jails; `warm`: a jail waits for its job. */
export const places: (TestDriver & { start: Start; warm: boolean })[] = drivers.flatMap((driver) =>
  (['warm', 'cold'] as const).map((start) => ({ ...driver, start, warm: start === 'warm' })),
);

function dockerReason(): string | null {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  if (!host.startsWith('unix://') || existsSync(host.slice('unix://'.length))) return null;
  return `skipped: no Docker engine answers at ${host}${process.env.JOBCELL_NO_DOCKER ? ` (${process.env.JOBCELL_NO_DOCKER})` : ''}`;
}
