import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** Stands in for npm: notes each installation and takes a moment for it, fails once if told so. */
const NPM = `#!/bin/sh
echo install >> installs
sleep 0.3
if [ -e fail-once ]; then rm fail-once; exit 1; fi
rm -rf node_modules
mkdir -p node_modules/node/bin
ln -s '${process.execPath}' node_modules/node/bin/node
`;

let clone = '';
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'jobcell test-'));
  mkdirSync(join(clone, 'tools'));
  mkdirSync(join(clone, 'bin'));
  cpSync(join(import.meta.dirname, 'bootstrap.sh'), join(clone, 'tools/bootstrap.sh'));
  writeFileSync(join(clone, 'bin/npm'), NPM);
  chmodSync(join(clone, 'bin/npm'), 0o755);
  writeFileSync(join(clone, 'package-lock.json'), '{}');
  writeFileSync(join(clone, 'tools/say.ts'), 'console.log(process.version, ...process.argv.slice(2));');
});
afterEach(() => rmSync(clone, { recursive: true }));

const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

function bootstrap(prefix: string[] = []): Promise<{ code: number; stdout: string; stderr: string }> {
  const [program = '', ...args] = [...prefix, 'sh', join(clone, 'tools/bootstrap.sh'), 'tools/say.ts', 'a b'];
  const env = { PATH: `${clone}/bin:/usr/bin:/bin` };
  return new Promise((resolve) => {
    execFile(program, args, { cwd: '/', env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const installs = () => readFileSync(join(clone, 'installs'), 'utf8').split('\n').length - 1;

test('the dependencies are installed once, then the tool runs at once on the Node they brought', async () => {
  expect((await bootstrap()).stdout).toBe(`${process.version} a b\n`);
  expect(await bootstrap()).toEqual({ code: 0, stdout: `${process.version} a b\n`, stderr: '' });
  expect(installs()).toBe(1);
});

test('a changed lockfile installs anew', async () => {
  await bootstrap();
  writeFileSync(join(clone, 'package-lock.json'), '{ }');
  await bootstrap();
  expect(installs()).toBe(2);
});

test('two at once install once', async () => {
  const both = await Promise.all([bootstrap(), bootstrap()]);
  expect(both.map(({ stdout }) => stdout)).toEqual(Array(2).fill(`${process.version} a b\n`));
  expect(installs()).toBe(1);
});

test('an installation that failed is one line with its reason, and is done again', async () => {
  writeFileSync(join(clone, 'fail-once'), '');
  const failed = await bootstrap();
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /^jobcell: installing.*\njobcell: cannot install the dependencies: npm ci failed\n$/,
  );
  expect((await bootstrap()).code).toBe(0);
});

test('an installation that was cut off is done again', async () => {
  mkdirSync(join(clone, 'node_modules/node/bin'), { recursive: true });
  await bootstrap();
  expect(installs()).toBe(1);
});

test.runIf(process.getuid?.() === 0)('a clone of somebody else is refused with one line', async () => {
  chmodSync(clone, 0o755);
  const refused = await bootstrap(asNobody);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^jobcell: cannot install the dependencies: \S+ may not write to \S+.*\n$/);
});
