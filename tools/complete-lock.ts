/**
 * Completes package-lock.json after `npm install`. npm leaves out the entry of an optional platform package that the
 * registry does not serve, and `npm ci` then refuses the lock; an entry of name, version and platform is enough.
 * Run by hand: `node tools/complete-lock.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

type Entry = { version?: string; dev?: boolean; optionalDependencies?: Record<string, string> } & Record<
  string,
  unknown
>;

const systems = new Set(['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'windows']);
const processors = new Set(['x64', 'arm64', 'arm', 'ia32', 'riscv64', 's390x', 'ppc64', '64']);

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
const added: Record<string, Entry> = {};
for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`;
    if (!(key in lock.packages))
      added[key] = { version, ...(dev ? { dev } : {}), optional: true, ...platformOf(name) };
  }
}
const entries = Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(entries) }, null, 2)}\n`);
console.log(`${Object.keys(added).length} entries added`);

/** The platform that a package such as `@scope/binding-linux-arm64-musl` is for, by its name. */
function platformOf(name: string): Record<string, string[]> {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const system = words.find((word) => systems.has(word));
  const processor = words.find((word) => processors.has(word));
  return {
    ...(system ? { os: [system === 'windows' ? 'win32' : system] } : {}),
    ...(processor ? { cpu: [processor === '64' ? 'x64' : processor] } : {}),
    ...(words.includes('musl') ? { libc: ['musl'] } : {}),
  };
}
