import type { JobRecord } from './record.ts';

/** The job object as JSON text, with the result pasted in as the text that it is (law 2). */
export function jobJson({ job, result }: JobRecord): string {
  const { id, status, ...rest } = job;
  const head = JSON.stringify({ id, status });
  return `${head.slice(0, -1)},"result":${result ?? 'null'},${JSON.stringify(rest).slice(1)}`;
}
