import { median } from './statistics.ts';
import type { Sample } from './subjects.ts';

/** The p50 in ms of each metric of `Server-Timing`, by its name, and of what the caller has waited beyond `total`. */
export function phasesOf(samples: Sample[]): Map<string, number> {
  const durations = new Map<string, number[]>();
  for (const { ms, serverTiming = '' } of samples) {
    const metrics = parseServerTiming(serverTiming);
    const total = metrics.get('total');
    if (total !== undefined) metrics.set('outside (HTTP)', ms - total);
    for (const [name, duration] of metrics) durations.set(name, [...(durations.get(name) ?? []), duration]);
  }
  return new Map([...durations].map(([name, each]) => [name, median(each)]));
}

/** `queue;dur=1.2, run;dur=3` as names and ms; what has no duration is left out. */
function parseServerTiming(header: string): Map<string, number> {
  const metrics = header.split(',').flatMap((metric): [string, number][] => {
    const [name = '', ...parameters] = metric.split(';').map((part) => part.trim());
    const duration = parameters.find((parameter) => parameter.startsWith('dur='));
    return duration === undefined ? [] : [[name, Number(duration.slice('dur='.length))]];
  });
  return new Map(metrics);
}
