import { describe, expect, test } from 'vitest';
import { configOf, MB, sizeOf, survey } from '../support/image.ts';
import { IMAGE, skip } from '../support/single.ts';

describe.skipIf(skip !== null)(skip ?? 'the image of the single container', () => {
  test('is at most 420 MB, and 150 MB compressed', async () => {
    const { bytes, compressed } = await sizeOf(IMAGE);
    expect(bytes).toBeLessThanOrEqual(420 * MB);
    expect(compressed).toBeLessThanOrEqual(150 * MB);
  });

  test('has no setuid file, no file capability, nothing that others may write, no compiler, no package manager', async () => {
    const { uncompiled, ...found } = await survey(IMAGE);
    expect(found).toEqual({ privileged: [], writable: [], tools: [] });
    // The scripts of the proof are sent to jails as they are.
    expect(uncompiled?.filter((path) => !path.startsWith('/opt/jobcell/proof/'))).toEqual([]);
  });

  test('runs as an ordinary user unless told otherwise, and holds no secret', async () => {
    const config = await configOf(IMAGE);
    expect(config).toMatchObject({
      User: '10001:10001',
      Volumes: { '/data': {} },
      ExposedPorts: { '8080/tcp': {} },
    });
    const names = (config.Env as string[]).map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(
      [
        'ALLOW_UNAUTHENTICATED',
        'DATA_DIR',
        'HOST',
        'LANG',
        'NODE_ENV',
        'PATH',
        'PORT',
        'SANDBOX_DRIVER',
      ].sort(),
    );
  });
});
