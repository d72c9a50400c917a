import { describe, expect, test } from 'vitest';
import { configOf, MB, sizeOf, survey } from '../support/image.ts';
import { skip } from './compose.ts';

const IMAGE = 'jobcell-sandbox';

describe.skipIf(skip !== null)(skip ?? 'the sandbox image', () => {
  test('is at most 300 MB, and 100 MB compressed', async () => {
    const { bytes, compressed } = await sizeOf(IMAGE);
    expect(bytes).toBeLessThanOrEqual(300 * MB);
    expect(compressed).toBeLessThanOrEqual(100 * MB);
  });

  test('has no setuid file, no file capability, nothing that others may write, no compiler, no pip, and only compiled Python', async () => {
    expect(await survey(IMAGE)).toEqual({ privileged: [], writable: [], tools: [], uncompiled: [] });
  });

  test('runs as nobody unless told otherwise, and starts nothing but the supervisor', async () => {
    const config = await configOf(IMAGE);
    expect(config).toMatchObject({
      User: '65534:65534',
      Entrypoint: ['/usr/bin/python3', '-I', '-S', '/opt/jobcell/supervisor'],
    });
    expect([config.ExposedPorts, config.Volumes, config.Cmd].filter(Boolean)).toEqual([]);
  });
});
