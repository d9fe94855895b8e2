import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { ControlClient } from '../../src/daemon/index.ts';
import { loopbackCluster, until } from '../support/overlay-loopback.ts';

const folder = mkdtempSync(join(tmpdir(), 'castlab-mrouter-'));
const program = join(folder, 'mrouter.mjs');
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
// As it is shipped, because that starts much faster than from its sources.
await build({
  entryPoints: [fileURLToPath(new URL('../../src/daemon/mrouter.ts', import.meta.url))],
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Only a gateway needs it.
  external: ['koffi'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});

/** Starts the program; its events come on file descriptor 3. */
function start(t: Test, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const events: Record<string, unknown>[] = [];
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
      const event = JSON.parse(line) as Record<string, unknown>;
      events.push(event);
      if (event['event'] === 'ready') resolve();
    });
  });
  return { child, ended, ready, events };
}

t.test('a node from ready to its end', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const node = start(t, 'run', '--config', cluster.writeConfig('a1', { events: { fd: 3, datagrams: true } }));
  await Promise.race([node.ready, node.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  t.match(node.events[0], { node: 'a1', event: 'ready', address: /^fd63:/, underlay: /^127\./ });
  const socket = join(cluster.folder, 'a1.sock');
  const asked = await start(t, 'ctl', '--control', socket, 'status').ended;
  t.equal(asked.code, 0, asked.stderr);
  t.match(JSON.parse(asked.stdout), { name: 'a1', target: 'a1', dead: [] });
  const client = await ControlClient.connect(socket);
  t.same(await client.request('send', { group: 'g', to: ['a1'], size: 10, count: 1 }), { sent: 1 });
  node.child.kill('SIGTERM');
  t.match(await node.ended, { code: 0, stdout: '', stderr: '' });
  t.same(
    node.events.map(({ event }) => event),
    ['ready', 'sent', 'delivered'],
    'no event is lost at the end',
  );
  t.notOk(existsSync(socket));
  client.close();
});

t.test('quit, and a second node at the same place', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const config = cluster.writeConfig('a1', { events: { fd: 3 } });
  const node = start(t, 'run', '--config', config);
  await Promise.race([node.ready, node.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  const second = await start(t, 'run', '--config', config).ended;
  t.equal(second.code, 2);
  t.match(second.stderr, /^\S+a1\.json:6:\d+: underlay: cannot listen on .*EADDRINUSE\S*.*\n$/);
  const client = await ControlClient.connect(join(cluster.folder, 'a1.sock'));
  t.equal(await client.request('quit'), null);
  t.equal((await node.ended).code, 0);
});

t.test('ctl asks and reloads; so does SIGHUP', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const config = cluster.writeConfig('a1', { events: { fd: 3 } });
  const node = start(t, 'run', '--config', config);
  await Promise.race([node.ready, node.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  const ask = (operation: string) => start(t, 'ctl', operation, '--config', config).ended;
  const [status, map, counters, metrics] = await Promise.all(['status', 'map', 'counters', 'metrics'].map(ask));
  const { mapDigest } = JSON.parse(status!.stdout);
  t.match(JSON.parse(map!.stdout), { digest: mapDigest, groups: { g: { members: ['a1', 'a2', 'b1', 'b2'] } } });
  t.match(JSON.parse(counters!.stdout), { delivered: 0, dropped: { truncated: 0 } });
  t.match(metrics!.stdout, /^# HELP mrouter_info .*\n# TYPE mrouter_info gauge\nmrouter_info\{node="a1"/);

  cluster.writeMap({ relay: false });
  const reloaded = await ask('reload');
  t.equal(reloaded.code, 0, reloaded.stderr);
  const second = JSON.parse(reloaded.stdout).mapDigest;
  t.not(second, mapDigest);
  cluster.writeMap({ vias: 5 });
  const refused = await ask('reload');
  t.equal(refused.code, 1);
  t.match(refused.stderr, /^\S+map\.json:1:\d+: vias: expected a list of vias\n$/);

  cluster.writeMap();
  node.child.kill('SIGHUP');
  await until(() => readLog(cluster.folder).filter(({ msg }) => msg === 'cluster map reloaded').length === 2);
  t.equal(JSON.parse((await ask('status')).stdout).mapDigest, mapDigest);
  cluster.writeMap({ vias: 5 });
  node.child.kill('SIGHUP');
  await until(() => readLog(cluster.folder).some(({ msg }) => msg === 'the cluster map is not reloaded'));
  t.equal(JSON.parse((await ask('status')).stdout).mapDigest, mapDigest, 'a bad map changes nothing');
  node.child.kill('SIGINT');
  t.equal((await node.ended).code, 0);
  const help = await start(t, 'ctl', '--help').ended;
  for (const word of ['status', 'map', 'counters', 'metrics', 'reload', 'Examples:']) t.match(help.stdout, word);
});

const readLog = (folder: string) =>
  readFileSync(join(folder, 'a1.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string });

t.test('bad input is one line and exit 2', async (t) => {
  const cluster = loopbackCluster(t);
  const cases: [string[], RegExp][] = [
    [
      ['run', '--config', join(cluster.folder, 'none.json')],
      /^\S+none\.json: cannot read the configuration: ENOENT.*\n$/,
    ],
    [
      ['run', '--config', cluster.writeConfig('a1')],
      /^\S+a1\.json:4:\d+: map: cannot read the cluster map: ENOENT.*\n$/,
    ],
    [
      ['ctl', '--control', join(cluster.folder, 'none.sock'), 'status'],
      /^no node answers at \S+none\.sock: .*ENOENT.*\n$/,
    ],
    [['ctl', 'status'], /^which node\? Give --control <socket>, or the --config <file> that it runs with\n$/],
    [
      ['ctl', 'statsu', '--control', 'x'],
      /^error: .*'statsu' is invalid.* status, map, counters, metrics, reload\.\n$/,
    ],
    [['run'], /^error: required option '--config <file>' not specified\n$/],
    [['fly'], /^error: unknown command 'fly'\n$/],
  ];
  const results = await Promise.all(cases.map(([args]) => start(t, ...args).ended));
  for (const [i, [args, message]] of cases.entries()) {
    t.equal(results[i]!.code, 2, args[0]!);
    t.match(results[i]!.stderr, message);
    t.equal(results[i]!.stdout, '');
  }
  const help = await start(t, '--help').ended;
  t.equal(help.code, 0);
  t.match(help.stdout, /Usage: mrouter/);
});
