import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MRouter, monotonicNow, readConfig } from '../../src/daemon/index.ts';
import { nodeOperations } from '../../src/daemon/operations.ts';
import { InputError } from '../../src/document/index.ts';
import type { ReceivedDatagram } from '../../src/overlay/index.ts';
import { type LoopbackCluster, loopbackCluster, until } from '../support/overlay-loopback.ts';

type Event = Record<string, unknown> & { event: string; node: string };

/** Nodes of a loopback cluster in this process, with what they received and said. */
async function openNodes(t: Test, cluster: LoopbackCluster, names: string[], change: Record<string, unknown> = {}) {
  const nodes: Record<string, MRouter> = {};
  const received: { node: string; datagram: ReceivedDatagram }[] = [];
  for (const node of names) {
    const fd = openSync(join(cluster.folder, `${node}.events`), 'w');
    const config = readConfig(cluster.writeConfig(node, { events: { fd, datagrams: true }, hello: 0, ...change }));
    const mrouter = await MRouter.open(config);
    mrouter.onDatagram((datagram) => void received.push({ node, datagram }));
    nodes[node] = mrouter;
  }
  let closed = false;
  const close = async () => {
    if (!closed) await Promise.all(Object.values(nodes).map((node) => node.close()));
    closed = true;
  };
  t.teardown(close);
  /** All events of a kind; closes the nodes. */
  const events = async (kind: string): Promise<Event[]> => {
    await close();
    const text = names.map((node) => readFileSync(join(cluster.folder, `${node}.events`), 'utf8')).join('');
    const all = text.split('\n').filter(Boolean);
    return all.map((line) => JSON.parse(line) as Event).filter(({ event }) => event === kind);
  };
  return { nodes, received, events };
}

t.test('requests to a group, replies to the initiator', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const { nodes, received, events } = await openNodes(t, cluster, ['a1', 'a2', 'b1', 'b2', 'i1']);
  const route = nodes['i1']!.route({ group: 'g', members: ['a1', 'b1', 'b2'] }, { flow: 5, attempt: 1 });
  t.equal(route.maxPayload, 1388);
  route.send(Buffer.from('request'));
  await until(() => received.length === 3);
  t.same(received.map(({ node }) => node).sort(), ['a1', 'b1', 'b2']);
  for (const { node, datagram } of [...received]) {
    t.match(datagram, { source: nodes['i1']!.address, receivedAt: Number });
    t.equal(Buffer.from(datagram.payload).toString(), 'request');
    nodes[node]!.route({ address: datagram.source }, { flow: 5, attempt: 1 }).send(Buffer.from(`reply of ${node}`));
  }
  await until(() => received.length === 6);
  const replies = received.slice(3).map(({ node, datagram }) => `${node}: ${Buffer.from(datagram.payload)}`);
  t.same(replies.sort(), ['i1: reply of a1', 'i1: reply of b1', 'i1: reply of b2']);
  t.throws(() => nodes['a2']!.route({ address: nodes['i1']!.address }, { flow: 1, attempt: 1 }), RangeError);
  t.match(nodes['b1']!.status, {
    name: 'b1',
    role: 'target',
    tunnel: 'udp',
    target: 'b1',
    initiators: [{ address: nodes['i1']!.address }],
  });
  t.equal(nodes['i1']!.counters.transmitted, 2, 'one copy a zone and target of the own zone');

  const sent = await events('sent');
  t.equal(sent.length, 4);
  const request = sent.find(({ node }) => node === 'i1')!;
  t.match(request, { to: ['a1', 'b1', 'b2'], group: 'g', bytes: 7, attempt: 1, id: /^[0-9a-f]{16}$/, t: Number });
  const delivered = (await events('delivered')).filter(({ id }) => id === request['id']);
  t.same(delivered.map(({ node }) => node).sort(), ['a1', 'b1', 'b2']);
  t.match(delivered[0], { from: nodes['i1']!.address, bytes: 7 });
  t.ok(delivered.every((event) => (event['t'] as number) >= (request['t'] as number)));
  const reply = sent.find(({ node }) => node === 'b1')!;
  t.equal(reply['to'], nodes['i1']!.address, 'an initiator is named by its address');
});

t.test('a sender in the group gets its own datagram after it has left', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const { nodes, received } = await openNodes(t, cluster, ['a1', 'a2']);
  nodes['a1']!.route({ group: 'g', members: ['a1', 'a2'] }, { flow: 1, attempt: 1 }).send(Buffer.from('x'));
  t.equal(received.length, 0, 'not while the sender is still in send()');
  await until(() => received.length === 2);
  t.same(received.map(({ node }) => node).sort(), ['a1', 'a2']);
});

t.test('the operations of every node', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const { nodes, events } = await openNodes(t, cluster, ['a1', 'b1', 'b2', 'i1']);
  const operations = nodeOperations(nodes['i1']!);
  const send = (args: Record<string, unknown>) => Promise.resolve().then(() => operations['send']!(args));
  const good = { group: 'g', to: ['b1', 'b2'], size: 100, count: 70, intervalMs: 0 };
  t.same(await send(good), { sent: 70 });
  const began = monotonicNow();
  await send({ ...good, count: 3, intervalMs: 5 });
  await t.rejects(send({ ...good, size: 7 }), /size: 7 bytes: it is 8 … 1388 to these targets/);
  await t.rejects(send({ ...good, size: 1389 }), /size: 1389 bytes/);
  await t.rejects(send({ ...good, to: ['b3'] }), /group g has no member "b3"/);
  await t.rejects(send({ ...good, count: 0 }), /^count: must be at least 1$/);
  await t.rejects(send({ ...good, interval: 1 }), /^unknown argument interval$/);
  await t.rejects(send({ group: 'g' }), /to: expected a list of targets; size: expected a whole number/);
  t.match(operations['map']!({}), {
    groups: { g: { id: '000000000001', members: ['a1', 'a2', 'b1', 'b2'] } },
    relay: true,
  });
  t.match(operations['counters']!({}), { originated: 73, transmitted: 73 });
  await until(() => nodes['b1']!.counters.delivered === 73 && nodes['b2']!.counters.delivered === 73);

  const sent = await events('sent');
  t.equal(new Set(sent.map(({ id }) => id)).size, 73, 'each has its own identity');
  const last = sent.at(-1)!['t'] as number;
  // A timer knows whole milliseconds only.
  t.ok(last - began > 9, `two intervals of 5 ms take ${last - began} ms`);
});

t.test('a reload', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const { nodes } = await openNodes(t, cluster, ['a1']);
  const before = nodes['a1']!.status.mapDigest;
  cluster.writeMap({ relay: false });
  const after = nodeOperations(nodes['a1']!)['reload']!({}) as { mapDigest: string };
  t.not(after.mapDigest, before);
  t.equal(nodes['a1']!.map.relay, false);
  cluster.writeMap({ port: 9999 });
  t.throws(() => nodes['a1']!.reload(), /the port is now 9999: restart this node/);
  cluster.writeMap({ prefix: 'fd00::/64' });
  t.throws(() => nodes['a1']!.reload(), /the overlay address of this node is another one now/);
  cluster.writeMap({ vias: 5 });
  t.throws(() => nodes['a1']!.reload(), InputError);
  t.equal(nodes['a1']!.status.mapDigest, after.mapDigest, 'a bad map changes nothing');
});

t.test('drops are events and log lines', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const { nodes, events } = await openNodes(t, cluster, ['a1', 'i1']);
  const stranger = nodes['i1']!.route({ group: 'g', members: ['a1'] }, { flow: 1, attempt: 1, announce: false });
  for (let i = 0; i < 10; i++) stranger.send(Buffer.from(`${i}`));
  await until(() => nodes['a1']!.counters.dropped['unknown-source'] === 10);
  const drops = await events('dropped');
  t.equal(
    drops.reduce((sum, event) => sum + (event['count'] as number), 0),
    10,
  );
  t.ok(drops.length <= 3, 'together, not one by one');
  const log = readFileSync(join(cluster.folder, 'a1.log'), 'utf8').trim().split('\n');
  t.equal(log.length, 2, 'the first at once, the others at the end');
  t.match(JSON.parse(log[0]!), { node: 'a1', reason: 'unknown-source', count: 1, msg: 'datagrams dropped' });
});

t.test('what cannot be opened is named with its field', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  await openNodes(t, cluster, ['a1']);
  const open = (change: Record<string, unknown>) =>
    Promise.resolve().then(() => MRouter.open(readConfig(cluster.writeConfig('a1', change))));
  await t.rejects(open({}), /a1\.json:6:\d+: underlay: cannot listen on 127\.\S+, UDP port 8296: .*EADDRINUSE/);
  await t.rejects(open({ events: { fd: 999 } }), /a1\.json:\d+:\d+: events\.fd: file descriptor 999 is not open/);
  mkdirSync(join(cluster.folder, 'folder'));
  await t.rejects(open({ log: { file: 'folder' } }), /a1\.json:\d+:\d+: log\.file: cannot write the log: EISDIR/);
});

t.test('the library in its shortest form', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const [a1, i1] = await Promise.all(['a1', 'i1'].map((name) => MRouter.open(cluster.writeConfig(name, { hello: 0 }))));
  t.teardown(() => Promise.all([a1!.close(), i1!.close()]));
  const received: string[] = [];
  a1!.on('datagram', ({ source, payload }) => {
    received.push(Buffer.from(payload).toString());
    a1!.send(source, Buffer.from('reply'));
  });
  i1!.on('datagram', ({ payload }) => received.push(Buffer.from(payload).toString()));
  i1!.send(a1!.address, Buffer.from('unicast'));
  i1!.send('ff15:0:0:1::1', Buffer.from('multicast to member 0'));
  await until(() => received.length === 4);
  t.same([...received].sort(), ['multicast to member 0', 'reply', 'reply', 'unicast']);
  t.throws(() => i1!.send('ff15:0:0:9::1', Buffer.from('x')), RangeError);
  t.throws(() => i1!.send(a1!.address, Buffer.alloc(2000)), /2000 bytes is too long: at most 1388/);
  await t.rejects(MRouter.open('none.json'), InputError);
});

t.test('a chunk: paced, its relays decided once', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const { nodes, received, events } = await openNodes(t, cluster, ['a1', 'a2', 'b1', 'b2', 'i1']);
  const chunk = Buffer.alloc(300_000, 'a chunk of no account ');
  const prefix = {
    bytes: 4,
    write: (into: Uint8Array, index: number) => new DataView(into.buffer, into.byteOffset).setUint32(0, index),
  };
  const { i1 } = nodes;
  // Members b1 and b2: one copy leaves, one of them relays.
  const sent = await i1!.sendChunk('ff15:0:0:1::c', chunk, { rate: 1e8, prefix });
  const count = Math.ceil(300_000 / (1388 - 4));
  t.match(sent, { datagrams: count, bytes: 300_000 });
  t.ok(sent.ms >= (count * 1500 * 8000) / 1e8 - 1, `${sent.ms} ms at 100 Mbit/s`);
  t.equal(i1!.counters.decisions, 1);
  t.same([i1!.counters.originated, i1!.counters.transmitted], [count, count]);
  await until(() => received.length === 2 * count);
  for (const name of ['b1', 'b2']) {
    const pieces = received
      .filter(({ node }) => node === name)
      .map(({ datagram }) => Buffer.from(datagram.payload))
      .sort((a, b) => a.readUInt32BE() - b.readUInt32BE());
    t.ok(Buffer.concat(pieces.map((piece) => piece.subarray(4))).equals(chunk), name);
  }
  t.same([nodes['b1']!.counters.relayed, nodes['b2']!.counters.relayed].sort(), [0, count], 'one relay for all');
  await t.rejects(i1!.sendChunk('ff15:0:0:9::1', chunk, { rate: 1e8 }), RangeError);
  t.equal((await events('sent')).length, count);
});
