import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { Authority, type Identity } from '../../lab/nodes/certificates.ts';
import { readConfig } from '../../src/daemon/config.ts';
import { MRouter } from '../../src/daemon/index.ts';
import { PROBE_PORT } from '../../src/overlay/index.ts';
import { frame } from '../../src/tunnel/framing.ts';
import { type LoopbackCluster, loopbackCluster, until } from '../support/overlay-loopback.ts';

const HELLO = 50;
const NAMES = ['a1', 'a2', 'b1', 'b2'] as const;
type Nodes = Record<string, MRouter>;

/** A cluster whose zones a and b are joined by one connection, which a dials. */
function connectedCluster(t: Test, kind: 'tcp' | 'tls', more: Record<string, unknown> = {}): LoopbackCluster {
  const cluster = loopbackCluster(t);
  cluster.writeMap({ tunnels: [{ between: ['a', 'b'], kind, ...more }] });
  return cluster;
}

async function open(t: Test, cluster: LoopbackCluster, name: string, change = {}): Promise<MRouter> {
  const node = await MRouter.open(readConfig(cluster.writeConfig(name, { hello: HELLO, ...change })));
  t.teardown(() => node.close());
  return node;
}

async function openAll(
  t: Test,
  cluster: LoopbackCluster,
  names: readonly string[] = NAMES,
  change: (name: string) => object = () => ({}),
) {
  const nodes: Nodes = {};
  for (const name of names) nodes[name] = await open(t, cluster, name, change(name));
  return nodes;
}

const owner = (nodes: Nodes, zone: 'a' | 'b') => nodes[nodes[`${zone}1`]!.status.connections[0]!.owner]!;
const isUp = (node: MRouter) => node.status.connections[0]!.peer !== null;

/** Texts that a node's probe application gets. */
function listen(node: MRouter): string[] {
  const texts: string[] = [];
  node.socket(PROBE_PORT).onDatagram(({ payload }) => void texts.push(Buffer.from(payload).toString()));
  return texts;
}

function say(node: MRouter, members: readonly string[], text: string): void {
  node.socket(PROBE_PORT).route({ group: 'g', members }, { flow: 1, attempt: 1 }).send(Buffer.from(text));
}

/** Writes who a host is to files beside its configuration. */
function identify(
  cluster: LoopbackCluster,
  name: string,
  authority: Authority,
  identity: Identity,
): { tls: Record<string, string> } {
  const paths = { key: `${name}.key`, cert: `${name}.pem`, ca: `${name}-ca.pem` };
  writeFileSync(join(cluster.folder, paths.key), identity.key);
  writeFileSync(join(cluster.folder, paths.cert), identity.cert);
  writeFileSync(join(cluster.folder, paths.ca), authority.cert);
  return { tls: paths };
}

t.test('one connection joins two zones, for everybody in them and both ways', async (t) => {
  const cluster = connectedCluster(t, 'tcp');
  const nodes = await openAll(t, cluster, [...NAMES, 'i1']);
  await until(() => isUp(owner(nodes, 'a')) && isUp(owner(nodes, 'b')));
  t.equal(nodes['a1']!.status.connections[0]!.owner, nodes['a2']!.status.connections[0]!.owner);
  t.equal(Object.values(nodes).filter((node) => node.status.connections.some(({ peer }) => peer)).length, 2);
  const texts = Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, listen(node)]));
  for (const from of ['a1', 'a2', 'i1', 'b1', 'b2']) say(nodes[from]!, ['a1', 'a2', 'b1', 'b2'], `from ${from}`);
  await until(() => NAMES.every((name) => texts[name]!.length >= 5));
  for (const name of NAMES)
    t.same(
      texts[name]!.sort(),
      ['a1', 'a2', 'b1', 'b2', 'i1'].map((from) => `from ${from}`),
      name,
    );
  const reply = nodes['b1']!.socket(PROBE_PORT).route({ address: nodes['i1']!.address }, { flow: 1, attempt: 1 });
  reply.send(Buffer.from('reply'));
  await until(() => texts['i1']!.includes('reply'));
  for (const [name, node] of Object.entries(nodes)) {
    const drops = Object.entries(node.counters.dropped).filter(([, count]) => count > 0);
    t.same(drops, [], name);
  }
  const log = readFileSync(join(cluster.folder, `${owner(nodes, 'a').name}.log`), 'utf8');
  t.match(log, /"zone":"b","peer":"b[12]","msg":"connected"/);
});

t.test('when an owner ends, another host takes over its end', async (t) => {
  const cluster = connectedCluster(t, 'tcp');
  const nodes = await openAll(t, cluster);
  await until(() => isUp(owner(nodes, 'a')));
  for (const zone of ['b', 'a'] as const) {
    const dead = owner(nodes, zone);
    const next = nodes[zone === 'a' ? (dead.name === 'a1' ? 'a2' : 'a1') : dead.name === 'b1' ? 'b2' : 'b1']!;
    await dead.close();
    await until(() => isUp(next));
    t.equal(next.status.connections[0]!.owner, next.name);
    delete nodes[dead.name];
    const texts = listen(next);
    const other = Object.values(nodes).find((node) => node !== next)!;
    await until(() => other.isLive(next.name) && isUp(next));
    say(other, [next.name], 'still here');
    await until(() => texts.length === 1);
    const back = await open(t, cluster, dead.name);
    nodes[dead.name] = back;
    await until(() => isUp(back));
    t.notOk(isUp(next), 'and gives way when it is back');
  }
});

t.test('a queue is bounded while nobody is there, and the oldest of it is gone', async (t) => {
  const cluster = connectedCluster(t, 'tcp', { queue: 70_000 });
  const a1 = await open(t, cluster, 'a1');
  const a2 = await open(t, cluster, 'a2');
  const node = owner({ a1, a2 }, 'a');
  const payload = '.'.repeat(1000);
  for (let i = 0; i < 200; i++) say(node, ['b1'], `${String(i).padStart(3, '0')}${payload}`);
  const { waiting } = node.status.connections[0]!;
  t.ok(waiting.bytes <= 70_000 && waiting.bytes > 68_000, `${waiting.bytes} bytes wait`);
  t.equal(node.counters.dropped['send-queue-full'], 200 - waiting.datagrams);
  const b1 = await open(t, cluster, 'b1');
  const texts = listen(b1);
  await open(t, cluster, 'b2');
  await until(() => texts.length === waiting.datagrams);
  t.match(texts[0]!, new RegExp(`^${200 - waiting.datagrams}`));
  t.match(texts.at(-1)!, /^199/);
  t.equal(node.status.connections[0]!.waiting.bytes, 0);
});

t.test('what is solicited stays when the rest has to go', async (t) => {
  const cluster = connectedCluster(t, 'tcp', { queue: 70_000 });
  const nodes = await openAll(t, cluster, ['a1', 'a2']);
  const node = owner(nodes, 'a');
  const socket = node.socket(PROBE_PORT);
  const payload = '.'.repeat(1000);
  const firm = socket.route({ group: 'g', members: ['b1'] }, { flow: 1, attempt: 1, solicited: true });
  for (let i = 0; i < 10; i++) firm.send(Buffer.from(`firm${payload}`));
  for (let i = 0; i < 200; i++) say(node, ['b1'], `soft${payload}`);
  const b1 = await open(t, cluster, 'b1');
  const texts = listen(b1);
  await open(t, cluster, 'b2');
  await until(() => texts.length > 50);
  t.equal(texts.filter((text) => text.startsWith('firm')).length, 10);
});

t.test('only members of the zone that dials may connect', async (t) => {
  const cluster = connectedCluster(t, 'tcp');
  const nodes = await openAll(t, cluster, ['b1', 'b2']);
  const [b1] = [nodes['b1']!];
  const try_ = async (localAddress: string, host: string) => {
    const socket = connect({ host, port: 8296, localAddress });
    socket.on('error', () => {});
    await once(socket, 'close');
  };
  await try_(cluster.address(0, 100), b1.config.values.underlay);
  await try_(cluster.address(1, 2), b1.config.values.underlay);
  t.equal(b1.counters.connectionsRefused, 2);
  t.equal(b1.counters.connectionsMade, 0);
  const log = readFileSync(join(cluster.folder, 'b1.log'), 'utf8');
  t.match(
    log,
    new RegExp(`"address":"${cluster.address(0, 100).replaceAll('.', '\\.')}","reason":"no member of a zone that may`),
  );
});

t.test('who is not the owner says who is', async (t) => {
  const cluster = connectedCluster(t, 'tcp');
  const nodes = await openAll(t, cluster, ['b1', 'b2']);
  const other = Object.values(nodes).find((node) => node !== owner(nodes, 'b'))!;
  const socket = connect({ host: other.config.values.underlay, port: 8296, localAddress: cluster.address(0, 1) });
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  t.equal(bytes.readUInt16BE(0), 12);
  t.same([...bytes.subarray(10)], owner(nodes, 'b').config.values.underlay.split('.').map(Number));
  await once(socket, 'close');
});

t.test('bytes that are no datagrams: counted, and the connection goes on', async (t) => {
  const cluster = connectedCluster(t, 'tcp');
  const nodes = await openAll(t, cluster, ['b1', 'b2']);
  const node = owner(nodes, 'b');
  const socket = connect({ host: node.config.values.underlay, port: 8296, localAddress: cluster.address(0, 1) });
  t.teardown(() => socket.destroy());
  await until(() => isUp(node));
  const nothing = Buffer.alloc(0);
  for (let length = 0; length < 40; length++) socket.write(frame(Buffer.alloc(length, 0x50), nothing));
  socket.write(frame(Buffer.alloc(40, 0x10), nothing));
  socket.write(frame(Buffer.alloc(65_535, 0x50), nothing));
  const drops = () => Object.values(node.counters.dropped).reduce((a, b) => a + b, 0);
  await until(() => drops() === 41);
  t.equal(node.counters.delivered, 0);
  t.ok(isUp(node));
});

/** Passes bytes on between two addresses until it is told to hold them back, as when a cable is cut. */
async function cable(t: Test, from: string, to: string) {
  const pairs = new Set<Socket>();
  let cut = false;
  const server = createServer((near) => {
    const far = connect({ host: to, port: 8296, localAddress: near.remoteAddress! });
    for (const socket of [near, far]) {
      pairs.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.on('data', (bytes) => cut || far.write(bytes));
    far.on('data', (bytes) => cut || near.write(bytes));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(8296, from);
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of pairs) socket.destroy();
  });
  return {
    set cut(value: boolean) {
      cut = value;
    },
  };
}

t.test('a connection that falls silent is given up, and there again as soon as it can be', async (t) => {
  const cluster = loopbackCluster(t);
  // Host b1 is behind a cable: its place in the map is the near end.
  cluster.writeMap({ tunnels: [{ between: ['a', 'b'], kind: 'tcp' }] });
  const far = cluster.address(1, 77);
  const map = JSON.parse(readFileSync(join(cluster.folder, 'map.json'), 'utf8'));
  delete map.targets.a2;
  delete map.targets.b2;
  map.groups.g.members = ['a1', 'b1'];
  writeFileSync(join(cluster.folder, 'map.json'), JSON.stringify(map));
  const farMap = structuredClone(map);
  farMap.targets.b1.underlay = far;
  writeFileSync(join(cluster.folder, 'far.json'), JSON.stringify(farMap));
  const line = await cable(t, cluster.address(1, 1), far);
  const b1 = await open(t, cluster, 'b1', { map: 'far.json', underlay: far });
  const a1 = await open(t, cluster, 'a1');
  await until(() => isUp(a1) && isUp(b1));
  line.cut = true;
  await until(() => !isUp(a1) && !isUp(b1));
  t.match(readFileSync(join(cluster.folder, 'b1.log'), 'utf8'), /"peer":"a1","reason":"silent"/);
  const began = performance.now();
  line.cut = false;
  await until(() => isUp(a1) && isUp(b1));
  t.ok(performance.now() - began < 1000, `back after ${(performance.now() - began).toFixed(0)} ms`);
  t.ok(b1.counters.connectionsMade >= 2);
});

t.test('tls: both ends prove who they are', async (t) => {
  const cluster = connectedCluster(t, 'tls');
  const authority = new Authority('test');
  const nodes = await openAll(t, cluster, NAMES, (name) =>
    identify(cluster, name, authority, authority.issue({ name })),
  );
  await until(() => isUp(owner(nodes, 'a')) && isUp(owner(nodes, 'b')));
  const texts = listen(nodes['b1']!);
  say(nodes['a1']!, ['b1'], 'secret');
  await until(() => texts.length === 1);
  t.equal(nodes['a1']!.status.tunnel, 'udp, tls');
});

t.test('tls: who cannot prove it is refused with the reason, and gets nothing delivered', async (t) => {
  const authority = new Authority('test');
  const stranger = new Authority('stranger');
  const past = new Date(Date.now() - 3_600_000);
  const bad: Record<string, [identity: (name: string) => Identity, reason: RegExp]> = {
    'another authority': [
      (name) => stranger.issue({ name }),
      /unable to (get local issuer|verify)|SELF_SIGNED|UNABLE_TO/i,
    ],
    'another host': [
      (name) => authority.issue({ name: `not-${name}` }),
      /the certificate names neither a[12] nor 127\./,
    ],
    expired: [(name) => authority.issue({ name, notBefore: new Date(0), notAfter: past }), /expired/i],
  };
  for (const [what, [issue, reason]] of Object.entries(bad)) {
    await t.test(what, async (t) => {
      const cluster = connectedCluster(t, 'tls');
      const nodes = await openAll(t, cluster, NAMES, (name) =>
        identify(cluster, name, authority, name.startsWith('a') ? issue(name) : authority.issue({ name })),
      );
      const there = owner(nodes, 'b');
      const texts = listen(there);
      for (let i = 0; i < 20; i++) say(nodes['a1']!, [there.name], 'let me in');
      await until(() => there.counters.connectionsRefused >= 2);
      t.match(
        readFileSync(join(cluster.folder, `${there.name}.log`), 'utf8').match(/.*connection-refused.*/)?.[0],
        reason,
      );
      t.same(texts, []);
      t.same([there.counters.connectionsMade, owner(nodes, 'a').counters.connectionsMade], [0, 0]);
    });
  }

  await t.test('a bad server', async (t) => {
    const cluster = connectedCluster(t, 'tls');
    const nodes = await openAll(t, cluster, NAMES, (name) =>
      identify(cluster, name, authority, (name.startsWith('b') ? stranger : authority).issue({ name })),
    );
    const here = owner(nodes, 'a');
    for (let i = 0; i < 5; i++) say(here, ['b1'], 'secret');
    await until(() => owner(nodes, 'b').counters.connectionsRefused >= 1);
    t.equal(here.counters.connectionsMade, 0);
    t.equal(here.status.connections[0]!.waiting.datagrams, 5, 'nothing was sent to it');
  });

  await t.test('no certificate, no TLS', async (t) => {
    const cluster = connectedCluster(t, 'tls');
    const nodes = await openAll(t, cluster, ['b1', 'b2'], (name) =>
      identify(cluster, name, authority, authority.issue({ name })),
    );
    const { underlay } = nodes['b1']!.config.values;
    const plain = connect({ host: underlay, port: 8296, localAddress: cluster.address(0, 1) });
    plain.on('error', () => {});
    plain.write(frame(Buffer.alloc(100, 0x50), Buffer.alloc(0)));
    await once(plain, 'close');
    const raw = connect({ host: underlay, port: 8296, localAddress: cluster.address(0, 1) });
    const bare = connectTls({ socket: raw, rejectUnauthorized: false });
    bare.on('error', () => {});
    bare.on('secureConnect', () => bare.write(frame(Buffer.alloc(100, 0x50), Buffer.alloc(0))));
    await once(bare, 'close');
    const { counters } = nodes['b1']!;
    t.same([counters.connectionsRefused, counters.connectionsMade, counters.received], [2, 0, 0]);
  });
});

t.test('what is wrong with certificates is said with file and field', async (t) => {
  const cluster = connectedCluster(t, 'tls');
  const authority = new Authority('test');
  const { tls } = identify(cluster, 'a1', authority, authority.issue({ name: 'a1' }));
  identify(cluster, 'a2', authority, authority.issue({ name: 'a2' }));
  writeFileSync(join(cluster.folder, 'rubbish'), 'no PEM');
  const cases: [change: Record<string, unknown>, wanted: RegExp][] = [
    [{}, /a1\.json:1:1: tls: missing: the cluster map joins a and b by TLS/],
    [{ tls: { ...tls, key: 'nowhere' } }, /a1\.json:\d+:\d+: tls\.key: cannot read it: ENOENT.*nowhere/],
    [{ tls: { ...tls, cert: 'rubbish' } }, /a1\.json:\d+:\d+: tls\.cert: .*rubbish is no certificate in PEM/],
    [{ tls: { ...tls, ca: 'rubbish' } }, /a1\.json:\d+:\d+: tls\.ca: .*rubbish is no certificate in PEM/],
    [{ tls: { ...tls, key: 'rubbish' } }, /a1\.json:\d+:\d+: tls\.key: .*rubbish is no key for/],
    [{ tls: { ...tls, key: 'a2.key' } }, /a1\.json:\d+:\d+: tls\.key: .*a2\.key is no key for/],
    [{ tls: { key: 'a' } }, /a1\.json:\d+:\d+: .*cert/],
  ];
  for (const [change, wanted] of cases) {
    await t.rejects(open(t, cluster, 'a1', change), { name: 'InputError', message: wanted }, String(wanted));
  }
});

t.test('a TCP port in use is said like a UDP port in use', async (t) => {
  const cluster = connectedCluster(t, 'tcp');
  const server = createServer().listen(8296, cluster.address(1, 1));
  await once(server, 'listening');
  t.teardown(() => server.close());
  const wanted = /b1\.json:\d+:\d+: underlay: cannot listen on 127\.\S+, TCP port 8296: .*EADDRINUSE/;
  await t.rejects(open(t, cluster, 'b1'), { name: 'InputError', message: wanted });
});

t.test('a reload brings a connection, and takes it away again', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const nodes = await openAll(t, cluster);
  const texts = listen(nodes['b1']!);
  const reload = () => Object.values(nodes).forEach((node) => void node.reload());
  say(nodes['a1']!, ['b1'], 'by UDP');
  await until(() => texts.length === 1);
  cluster.writeMap({ tunnels: [{ between: ['b', 'a'], kind: 'tcp' }] });
  reload();
  await until(() => isUp(owner(nodes, 'b')));
  say(nodes['a1']!, ['b1'], 'by TCP');
  await until(() => texts.length === 2);
  t.equal(owner(nodes, 'a').status.connections[0]!.kind, 'tcp');
  cluster.writeMap();
  reload();
  t.same(nodes['a1']!.status.connections, []);
  say(nodes['a1']!, ['b1'], 'by UDP again');
  await until(() => texts.length === 3);
  t.equal(nodes['b1']!.counters.dropped['wrong-tunnel'], 0);
});

t.test('a native zone on loopback', async (t) => {
  const cluster = loopbackCluster(t);
  const text = readFileSync(cluster.writeMap(), 'utf8');
  const map = JSON.parse(text);
  map.zones.b.native = true;
  // A group of this process alone: others may be testing on the same loopback.
  map.groups.g.id = (0x100 + (process.pid % 0x20000)).toString(16).padStart(12, '0');
  writeFileSync(join(cluster.folder, 'map.json'), JSON.stringify(map));
  const nodes = await openAll(t, cluster, ['b1', 'b2']);
  t.equal(nodes['b1']!.status.tunnel, 'udp, native');
  // Loopback does not loop multicast back to whom it is not meant for; that the sockets open and send is all that can be seen here.
  say(nodes['b1']!, ['b1', 'b2'], 'one of two is oneself');
  const texts = listen(nodes['b2']!);
  say(nodes['b1']!, ['b2'], 'for one alone');
  await until(() => texts.length > 0);
  t.equal(nodes['b1']!.counters.dropped['send-error'], 0);
});
