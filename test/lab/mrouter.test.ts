/** Real MRouters on real sockets: reloads under load, strangers, and what cannot be opened. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { loopbackCluster } from '../support/overlay-loopback.ts';
import { startProgram } from './fixtures/programs.ts';

const program = fileURLToPath(new URL('../../dist/mrouter.js', import.meta.url));

async function inLab(action: string) {
  const { code, lines, stderr } = await startProgram('mrouters.ts', [], [action]).result();
  if (code !== 0) throw new Error(stderr);
  return lines[0];
}

t.test('no datagram is lost while maps are reloaded', async (t) => {
  const { reloads, digests, delivered, drops } = await inLab('reload');
  t.ok(reloads >= 40, `${reloads} reloads`);
  t.equal(digests, 2);
  t.same(delivered, [2000, 2000, 2000]);
  t.same(drops, [{}, {}, {}, {}]);
});

t.test('a datagram from nobody is dropped and counted', async (t) => {
  const { drops, delivered } = await inLab('stranger');
  t.same(drops, { 'unknown-source': 4 });
  t.equal(delivered, 0);
});

/** Runs the program to its end. */
function run(config: string, before: readonly string[] = []) {
  // tap would have it write to its own folder, where not every user can.
  const node = ['/usr/bin/env', '-u', 'NODE_OPTIONS', process.execPath];
  const [command, ...args] = [...before, ...node, program, 'run', '--config', config];
  return spawnSync(command!, args, { encoding: 'utf8', timeout: 20_000 });
}

function refused(t: Test, { status, stdout, stderr }: ReturnType<typeof run>, message: RegExp): void {
  t.equal(status, 2, stderr);
  t.equal(stdout, '');
  t.match(stderr, /^\S+\.json:\d+:\d+: [^\n]+\n$/, 'one line with file, line and column');
  t.match(stderr, message);
}

t.test('what cannot be opened is named in one line, exit 2', async (t) => {
  const cluster = loopbackCluster(t);
  refused(t, run(cluster.writeConfig('a1')), /a1\.json:4:\d+: map: cannot read the cluster map: ENOENT/);
  const map = cluster.writeMap({ vias: [{ from: 'a', to: 'nowhere', via: 'b' }] });
  refused(t, run(cluster.writeConfig('a1')), /map\.json:1:\d+: .*nowhere/);
  writeFileSync(map, '{ "prefix": 5 }');
  const many = run(cluster.writeConfig('a1'));
  t.equal(many.status, 2);
  t.match(many.stderr, /^(\S+map\.json:\d+:\d+: [^\n]+\n)+$/, 'one line for each thing that is wrong');
  cluster.writeMap();
  refused(
    t,
    run(cluster.writeConfig('a1', { underlay: cluster.address(0, 99) })),
    /a1\.json:2:\d+: name: the cluster map has no target "a1" at 127/,
  );

  const { TLS, TCP } = { TLS: [{ between: ['a', 'b'], kind: 'tls' }], TCP: [{ between: ['b', 'a'], kind: 'tcp' }] };
  cluster.writeMap({ tunnels: TLS });
  refused(t, run(cluster.writeConfig('a1')), /a1\.json:1:1: tls: missing: the cluster map joins a and b by TLS/);
  const tls = { key: 'key.pem', cert: 'cert.pem', ca: 'none.pem' };
  for (const file of ['key.pem', 'cert.pem']) writeFileSync(join(cluster.folder, file), 'no PEM');
  refused(t, run(cluster.writeConfig('a1', { tls })), /a1\.json:\d+:\d+: tls\.ca: cannot read it: ENOENT.*none\.pem/);
  const own = { ...tls, ca: 'cert.pem' };
  refused(t, run(cluster.writeConfig('a1', { tls: own })), /tls\.ca: \S+cert\.pem is no certificate in PEM: /);

  cluster.writeMap({ tunnels: TCP });
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(8296, cluster.address(0, 1), resolve));
  refused(t, run(cluster.writeConfig('a1')), /underlay: cannot listen on 127\S+, TCP port 8296: .*EADDRINUSE/);
  listener.close();
  cluster.writeMap();

  const taken = createSocket('udp4');
  await new Promise<void>((resolve) => taken.bind({ address: cluster.address(0, 1), port: 8296 }, resolve));
  refused(
    t,
    run(cluster.writeConfig('a1')),
    /a1\.json:6:\d+: underlay: cannot listen on 127\S+, UDP port 8296: .*EADDRINUSE/,
  );
  taken.close();

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const metrics = { listen: `127.0.0.1:${port}` };
  refused(
    t,
    run(cluster.writeConfig('a1', { metrics })),
    /a1\.json:\d+:\d+: metrics\.listen: cannot listen there: .*EADDRINUSE/,
  );
  server.close();
});

t.test('interfaces that a gateway cannot have', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const config = (gateway: unknown, change = {}) => cluster.writeConfig('a1', { gateway, ...change });
  refused(
    t,
    run(config({ interface: 'nope0', setup: false })),
    /gateway\.interface: there is no interface nope0: make it/,
  );
  refused(
    t,
    run(config({ interface: 'a name that is too long' })),
    /gateway\.interface: expected the name of an inter/,
  );
  refused(t, run(config({ interface: 'castl0' }, { mtu: 1300 })), /mtu: 1300 bytes leave less than the 1280/);
  if (process.getuid!() !== 0) {
    refused(t, run(config({ interface: 'castl0' })), /gateway\.interface: cannot open castl0: no permission (for|to)/);
    return;
  }
  const alone = ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', '-'];
  refused(
    t,
    run(config({ interface: 'lo' }), alone),
    /gateway\.interface: cannot open lo: it exists and is no TUN interface/,
  );
  const path = config({ interface: 'castl0' }, { log: undefined });
  chmodSync(cluster.folder, 0o777);
  chownSync(path, 65534, 65534);
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const map = join(cluster.folder, 'map.json');
  chmodSync(map, 0o600);
  refused(t, run(path, nobody), /:4:\d+: map: cannot read the cluster map: EACCES/);
  chmodSync(map, 0o644);
  refused(t, run(path, nobody), /gateway\.interface: cannot open castl0: no permission (for|to)/);
});
