import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { cli, docker } from '../faults/docker.ts';
import { drivers } from '../support/drivers.ts';

const IMAGE = 'jobcell-sandbox';
const MB = 1_000_000;
const driver = drivers.find(({ name }) => name === 'docker');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'the sandbox image', () => {
  test('is at most 300 MB, and 100 MB compressed', async () => {
    const bytes = Number(await docker('image', 'inspect', IMAGE, '--format', '{{.Size}}'));
    const compressed = await compressedBytes();
    console.log(`${Math.round(bytes / MB)} MB, ${Math.round(compressed / MB)} MB compressed`);
    expect(bytes).toBeLessThanOrEqual(300 * MB);
    expect(compressed).toBeLessThanOrEqual(100 * MB);
  });

  test('has no setuid file, no file capability, nothing that others may write, no compiler, no pip, and only compiled Python', async () => {
    const options = [
      '--rm',
      '-i',
      '--user',
      '0',
      '--network',
      'none',
      '--read-only',
      '--entrypoint',
      '/usr/bin/python3',
    ];
    const survey = spawn(cli, ['run', ...options, IMAGE, '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    createReadStream(new URL('survey.py', import.meta.url)).pipe(survey.stdin);
    expect(JSON.parse(await text(survey.stdout))).toEqual({
      privileged: [],
      writable: [],
      tools: [],
      uncompiled: [],
    });
  });

  test('runs as nobody unless told otherwise, and starts nothing but the supervisor', async () => {
    const config = JSON.parse(await docker('image', 'inspect', IMAGE, '--format', '{{json .Config}}'));
    expect(config).toMatchObject({
      User: '65534:65534',
      Entrypoint: ['/usr/bin/python3', '-I', '-S', '/opt/jobcell/supervisor'],
    });
    expect([config.ExposedPorts, config.Volumes, config.Cmd].filter(Boolean)).toEqual([]);
  });
});

/** As a registry would hold it. */
async function compressedBytes(): Promise<number> {
  const saved = spawn(cli, ['save', IMAGE], { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  for await (const chunk of saved.stdout.pipe(createGzip())) bytes += (chunk as Buffer).length;
  return bytes;
}
