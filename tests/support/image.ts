import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { cli, docker } from '../faults/docker.ts';

export const MB = 1_000_000;

/** What an image takes, in bytes: unpacked, and as a registry would hold it. */
export async function sizeOf(image: string): Promise<{ bytes: number; compressed: number }> {
  const bytes = Number(await docker('image', 'inspect', image, '--format', '{{.Size}}'));
  // Without a tag it would be every image of that name.
  const saved = spawn(cli, ['save', image.includes(':') ? image : `${image}:latest`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let compressed = 0;
  for await (const chunk of saved.stdout.pipe(createGzip())) compressed += (chunk as Buffer).length;
  console.log(`${image}: ${Math.round(bytes / MB)} MB, ${Math.round(compressed / MB)} MB compressed`);
  return { bytes, compressed };
}

/** What `survey.py` finds in an image: lists of files that should not be there. */
export async function survey(image: string): Promise<Record<string, string[]>> {
  const options = ['--rm', '-i', '--user', '0', '--network', 'none', '--read-only'];
  const run = spawn(cli, ['run', ...options, '--entrypoint', '/usr/bin/python3', image, '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  createReadStream(new URL('survey.py', import.meta.url)).pipe(run.stdin);
  return JSON.parse(await text(run.stdout));
}

/** How an image is started unless told otherwise. */
export async function configOf(image: string): Promise<Record<string, unknown>> {
  return JSON.parse(await docker('image', 'inspect', image, '--format', '{{json .Config}}'));
}
