import { existsSync } from 'node:fs';

/** A driver that this machine can run, or the reason why its tests are skipped. */
export type TestDriver = { name: 'process' | 'docker'; skip: string | null };

export const drivers: TestDriver[] = [
  { name: 'process', skip: process.platform === 'linux' ? null : 'skipped: the process driver needs Linux' },
  { name: 'docker', skip: dockerReason() },
];

function dockerReason(): string | null {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  if (!host.startsWith('unix://') || existsSync(host.slice('unix://'.length))) return null;
  return `skipped: no Docker engine answers at ${host}${process.env.JOBCELL_NO_DOCKER ? ` (${process.env.JOBCELL_NO_DOCKER})` : ''}`;
}
