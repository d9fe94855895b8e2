import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { Authority } from '../../lab/nodes/certificates.ts';
import { compile } from '../../lab/plan/index.ts';
import { expandTopology, loadTopology } from '../../lab/topology/index.ts';
import { parseClusterMap } from '../../src/overlay/index.ts';
import { refused } from '../support/refused.ts';

const text = `name: n
zones:
  a: { native: true, hosts: { i1: initiator, t1: target, t2: target } }
  b: { hosts: { t3: target } }
trunks: [{ between: [a, b] }]
overlay:
  groups: { g: [t1, t3], h: [t2] }
  tunnels: [{ between: [b, a], kind: tls, queue: 128KiB }]
`;

t.test('tunnels and native zones reach the cluster map, and survive expansion', async (t) => {
  const topology = loadTopology(text, 'n.yaml');
  const map = parseClusterMap(JSON.stringify(compile(topology).clusterMap), 'map.json');
  t.same(
    map.tunnels.map(({ dialler, listener, kind, queue }) => [dialler.name, listener.name, kind, queue]),
    [['b', 'a', 'tls', 131_072]],
  );
  t.same(
    map.zones.map(({ native }) => native),
    [true, false],
  );
  t.same(compile(loadTopology(expandTopology(topology), 'n.yaml')), compile(topology));
});

t.test('the switch of a native zone sends each group to its members only', async (t) => {
  const { batches } = compile(loadTopology(text, 'n.yaml'));
  const lines = batches.filter(({ namespace }) => namespace === 'a').flatMap((batch) => batch.lines);
  t.same(
    lines.filter((line) => line.startsWith('mdb')),
    ['mdb add dev br0 port t1 grp 239.192.0.1 permanent', 'mdb add dev br0 port t2 grp 239.192.0.2 permanent'],
  );
  const up = lines.indexOf('link set dev br0 up');
  t.ok(
    up >= 0 && lines.indexOf('link set dev br0 type bridge mcast_querier 1') > up,
    'the querier comes after the bridge',
  );
  t.notMatch(
    batches
      .filter(({ namespace }) => namespace === 'b')
      .flatMap((batch) => batch.lines)
      .join('\n'),
    /querier|mdb/,
  );
});

t.test('mistakes have their places', async (t) => {
  const overlay = (tunnels: string) => text.replace(/tunnels: .*/, `tunnels: ${tunnels}`);
  refused(t, overlay('[{ between: [«c, a], kind: tcp }]'), 'unknown zone "c" (did you mean "a"?)');
  refused(t, overlay('[{ between: «[a, a], kind: tcp }]'), 'a tunnel joins two zones, not a alone');
  refused(
    t,
    overlay('[{ between: [a, b], kind: tcp }, { between: «[b, a], kind: tls }]'),
    'a second tunnel between b and a',
  );
  refused(
    t,
    overlay('[{ between: [a, b], kind: tcp, queue: «64KiB }]'),
    'a queue of 64KiB: a datagram can be longer, 65537 bytes with its length',
  );
  refused(
    t,
    overlay('[{ between: [a, «b], kind: tcp }]').replace('t3: target', 't3: mrouter').replace('[t1, t3]', '[t1]'),
    'zone b has no target, and only a target owns a connection',
  );
  refused(
    t,
    `name: n
zones: { a: { native: «true, switches: { s1: [t1], s2: [t2] }, hosts: { t1: target, t2: target } } }
trunks: [{ between: [s1, s2] }]
`,
    'a native zone has one switch, not 2: multicast would go round between them',
  );
});

t.test('the certificates of a run', async (t) => {
  const authority = new Authority('run');
  const ca = new X509Certificate(authority.cert);
  const { cert, key } = authority.issue({ name: 't1', address: '10.1.0.11' });
  const certificate = new X509Certificate(cert);
  t.ok(ca.ca && !certificate.ca);
  t.ok(certificate.verify(ca.publicKey) && certificate.checkIssued(ca));
  t.equal(certificate.subjectAltName, 'DNS:t1, IP Address:10.1.0.11');
  t.match(key, /^-----BEGIN PRIVATE KEY-----/);
  const late = new X509Certificate(authority.issue({ name: 't1', notAfter: new Date('2051-02-03T04:05:06Z') }).cert);
  t.equal(new Date(late.validTo).toISOString(), '2051-02-03T04:05:06.000Z');
});
