import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One thing that must not be possible in a jail, and the script that really tries it. */
export type Probe = {
  /** As a reader of `/ready` sees it: "a script could …". */
  breach: string;
  script: string;
  memoryMb: number;
  /** `refused`: the script says what it could do, and that is nothing. `memory_limit`: the job ends by it. */
  expect: 'refused' | 'memory_limit';
};

/** Little, so that going over it is quick, and another than a slot's first, so that changing it is proven too. */
const PROBE_MEMORY_MB = 64;

const probes = [
  { file: 'network.py', breach: 'open a network socket', expect: 'refused' },
  { file: 'write.py', breach: 'write outside /tmp', expect: 'refused' },
  { file: 'read.py', breach: 'read what lies beside its jail', expect: 'refused' },
  { file: 'namespace.py', breach: 'make a user namespace', expect: 'refused' },
  { file: 'trace.py', breach: 'trace or signal another process', expect: 'refused' },
  { file: 'memory.py', breach: 'use more memory than it may', expect: 'memory_limit' },
] as const;

/** Reads the probes from `nsjail/proof`. */
export function readProbes(folder: string): Probe[] {
  return probes.map(({ file, breach, expect }) => {
    return { breach, expect, memoryMb: PROBE_MEMORY_MB, script: readFileSync(join(folder, file), 'utf8') };
  });
}
