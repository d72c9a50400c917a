import { readFileSync } from 'node:fs';
import { readSettings, settings } from '@jobcell/shared/config';
import { expect, test } from 'vitest';

const text = readFileSync(new URL('../../deploy/cloud-run.yaml', import.meta.url), 'utf8');
const [, env = ''] = /\n {10}env:\n([\s\S]*?)\n {10}startupProbe:/.exec(text) ?? [];

test('the Cloud Run service file names only settings that there are, with values that they take', () => {
  const names = [...env.matchAll(/- name: (\S+)/g)].map(([, name = '']) => name);
  expect(names).toEqual(expect.arrayContaining(['SANDBOX_ISOLATION', 'REDIS_URL', 'ALLOW_UNAUTHENTICATED']));
  for (const name of names) expect(Object.keys(settings)).toContain(name);
  const given = [...env.matchAll(/- name: (\S+)\n +value: "?([^"\n]+)"?/g)].map(([, name, value]) => [
    name,
    value,
  ]);
  expect(readSettings(Object.fromEntries(given))).toMatchObject({
    SANDBOX_ISOLATION: 'landlock',
    ALLOW_UNAUTHENTICATED: false,
  });
});

test('it holds no secret: what is one is named', () => {
  expect(env).toMatch(/- name: REDIS_URL\n +valueFrom:\n +secretKeyRef:/);
  expect(text).not.toMatch(/rediss?:\/\//);
});
