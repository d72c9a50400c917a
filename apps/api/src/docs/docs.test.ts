import { readFileSync } from 'node:fs';
import { failures, requestErrors } from '@jobcell/shared/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { allRoutes } from '../routes/index.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { docsFolder, generatedDocs } from './generate.ts';

const rules: Record<string, { http: number; title: string }> = { ...requestErrors, ...failures };
const codes = Object.keys(rules);
const file = (name: string) => readFileSync(new URL(name, docsFolder), 'utf8');

let redis: TestRedis;
let api: TestApi;
beforeAll(async () => {
  redis = await startRedis();
  api = await startApi(redis.url);
});
afterAll(async () => {
  await api.close();
  await redis.stop();
});

describe('docs/errors.md', () => {
  const sections = file('errors.md').split(/^### /m).slice(1);

  test('has one section for each code of the contract, and no other', () => {
    expect(sections.map((section) => section.match(/^`(\w+)`\n/)?.[1])).toEqual(codes);
  });

  test.each(codes.map((code, index) => [code, index] as const))(
    'tells of %s with its status and an example',
    (code, index) => {
      const section = sections[index] ?? '';
      expect(section).toContain(`HTTP ${rules[code]?.http} · fault: `);
      expect(section).toContain('**What to do.** ');
      const example = JSON.parse(section.match(/```json\n(.*?)```/s)?.[1] ?? '');
      expect(example).toMatchObject({
        code,
        status: rules[code]?.http,
        title: rules[code]?.title,
        type: `/docs#${code}`,
      });
    },
  );

  test('is what the code generates, apart from its layout', () => {
    const lines = (text: string) =>
      text.split('\n').map((line) => line.replaceAll(/-{3,}/g, '---').replaceAll(/ +/g, ' '));
    expect(lines(file('errors.md'))).toEqual(lines(generatedDocs()['errors.md'] ?? ''));
  });
});

describe('docs/openapi.json', () => {
  test('is what the code generates', () => {
    expect(JSON.parse(file('openapi.json'))).toEqual(JSON.parse(generatedDocs()['openapi.json'] ?? ''));
  });

  test('is what GET /openapi.json serves under the default settings', async () => {
    expect((await api.call.get('/openapi.json')).json).toEqual(JSON.parse(file('openapi.json')));
  });

  test('names every route of this API, and every HTTP status that a code has on it', async () => {
    const { paths, openapi } = JSON.parse(file('openapi.json'));
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual([
      ...[
        '/execute',
        '/jobs',
        '/jobs/{id}',
        '/jobs/{id}/events',
        '/jobs/{id}/data',
        '/validate',
        '/runtime',
        '/webhooks/deliveries',
        '/webhooks/deliveries/{id}/redeliver',
        '/admin/keys',
        '/admin/keys/{id}',
        '/health',
        '/ready',
        '/openapi.json',
        '/docs',
      ],
    ]);
    expect(Object.keys(paths['/execute'].post.responses)).toEqual([
      '200',
      '202',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '429',
      '500',
      '503',
    ]);
    expect(paths['/execute'].post.requestBody.content['application/json'].schema).toMatchObject({
      ...{ required: ['script'], additionalProperties: false },
      properties: { timeout_ms: { type: 'integer', minimum: 100, maximum: 30_000, default: 5_000 } },
    });
  });

  test('says of every route what key it needs, and what those without one are told', async () => {
    const { paths, components } = JSON.parse(file('openapi.json'));
    expect(components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
    for (const { doc, scope } of allRoutes(api.parts)) {
      const { security, responses } = paths[doc.path][doc.method];
      expect(security).toEqual(scope === null ? [] : [{ key: [scope] }]);
      const told = ['401', '429'].filter((status) => status in responses);
      expect(told, doc.path).toEqual(scope === null ? [] : ['401', '429']);
    }
  });

  test('says the maxima of the operator', async () => {
    const strict = await startApi(redis.url, { MAX_TIMEOUT_MS: '2000', MAX_MEMORY_MB: '64' });
    const { paths } = (await strict.call.get('/openapi.json')).json as ReturnType<typeof JSON.parse>;
    expect(paths['/jobs'].post.requestBody.content['application/json'].schema.properties).toMatchObject({
      ...{ timeout_ms: { maximum: 2_000, default: 2_000 }, memory_mb: { maximum: 64, default: 64 } },
    });
    await strict.close();
  });
});

describe('GET /docs', () => {
  test('shows every route, every field and every code with an anchor that the type of a problem links to', async () => {
    const { text, headers } = await api.call.get('/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    for (const code of codes) expect(text).toContain(`id="${code}"`);
    for (const path of ['/execute', '/jobs/{id}', '/validate', '/runtime', '/ready'])
      expect(text).toContain(path);
    for (const field of ['script', 'input', 'timeout_ms', 'memory_mb', 'wait_ms', 'include']) {
      expect(text).toContain(`<code>${field}</code>`);
    }
  });

  test('shows a curl that calls the address at which it was read', async () => {
    const { text } = await api.call.get('/docs', { Host: '127.0.0.1:1234' });
    expect(text).toContain('curl http://127.0.0.1:1234/execute');
  });

  test('loads nothing from anywhere and runs nothing', async () => {
    const { text, headers } = await api.call.get('/docs');
    expect(text).not.toMatch(/<(?:script|link|img|iframe|object)|\ssrc=|@import|url\(|\son\w+=|style="/i);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
  });
});
