import { startStack } from '../tests/support/stack.ts';
import http from 'node:http';
import { readFileSync } from 'node:fs';
const [driver='process', start='warm', n='300', conc='1', slots='4'] = process.argv.slice(2);
const stack = await startStack({ driver: driver as any, slots: Number(slots), ...(process.env.PROF ? { nodeOptions: `--cpu-prof --cpu-prof-dir=/tmp/m/prof` } : {}), settings: { SANDBOX_START: start, LOG_LEVEL: process.env.LL ?? 'info' } });
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const u = new URL(stack.client.url);
let st: string[] = [];
function post(body: string): Promise<void> {
  return new Promise((res, rej) => {
    const r = http.request({ host: u.hostname, port: u.port, path: '/execute', method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (m) => {
      const cs: Buffer[] = []; m.on('data', (c) => cs.push(c)); m.on('end', () => { if (m.statusCode !== 200) rej(new Error(Buffer.concat(cs).toString())); else { st.push(String(m.headers['server-timing'])); res(); } });
    }); r.on('error', rej); r.end(body);
  });
}
const busy = () => { const f = readFileSync('/proc/stat','utf8').split('\n')[0]!.split(/\s+/).slice(1).map(Number); return f[0]!+f[1]!+f[2]!+f[5]!+f[6]!; };
const { familyOf, textOf } = await import('../tests/support/proc.ts');
const cpuOf = (pid: string) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').map(Number); return { own: (f[11]! + f[12]!) * 10, kids: (f[13]! + f[14]!) * 10 }; };
function groups() {
  const g: Record<string, number> = {};
  const add = (k: string, v: number) => { g[k] = (g[k] ?? 0) + v; };
  add('api', cpuOf(`${stack.api.process.pid}`).own);
  add('redis', cpuOf(`${stack.redis.process.pid}`).own);
  add('client', process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000);
  const w = `${stack.workers[0]!.process.pid}`;
  add('worker', cpuOf(w).own);
  for (const pid of familyOf(w)) { if (pid === w) continue; try { const c = textOf(`/proc/${pid}/cmdline`); const k = c.includes('supervisor') ? 'S' : c.includes('template') ? 'T' : c.includes('nsjail\0--config') ? 'nsjail' : c.includes('launcher') ? 'launcher' : 'other'; const { own, kids } = cpuOf(pid); add(k, own); if (k !== 'launcher') add(k + '.kids', kids); } catch {} }
  return g;
}
for (const name of (process.env.NAMES ?? 'trivial,pandas').split(',')) {
  const body = JSON.stringify({ script: readFileSync(`/work/main/bench/scripts/${name}.py`, 'utf8'), timeout_ms: 20000 });
  for (let i = 0; i < 50; i++) await post(body);
  st = [];
  const times: number[] = [];
  const g0 = groups(); const b0 = busy(); const t0 = performance.now();
  let left = Number(n);
  await Promise.all(Array.from({ length: Number(conc) }, async () => { while (left-- > 0) { const t = performance.now(); await post(body); times.push(performance.now() - t); } }));
  const wall = performance.now() - t0; const cpu = (busy() - b0) * 10 / times.length;
  const g1 = groups(); console.log(Object.entries(g1).map(([k, v]) => `${k} ${((v - (g0[k] ?? 0)) / times.length).toFixed(2)}`).join('  '));
  times.sort((a, b) => a - b);
  console.log(driver, start, name, 'c', conc, 'p50', times[times.length >> 1]!.toFixed(2), 'p95', times[Math.floor(times.length * .95)]!.toFixed(2), 'per s', (times.length / wall * 1000).toFixed(0), 'cpu/job', cpu.toFixed(2), st[st.length >> 1]);
}
if (process.env.HOLD) await new Promise((r) => setTimeout(r, 1e9));
await stack.stop();
