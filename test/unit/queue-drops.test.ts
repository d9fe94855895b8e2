import t from 'tap';
import type { Evidence } from '../../lab/observe/evidence.ts';
import { lossesOf } from '../../lab/observe/queue-drops.ts';
import { compile } from '../../lab/plan/index.ts';
import { expandTopology, loadTopology } from '../../lab/topology/index.ts';
import type { Expectation } from '../../lab/topology/topology.ts';
import { judge } from '../../lab/verdict/index.ts';

const text = `
name: narrow
zones:
  hall: { hosts: { i1: initiator, t1: target, t2: target } }
overlay:
  replicast: { mode: hybrid, choosy-factor: 1.5, choosy: true, repair: whole, in-flight: 2 }
expect:
  - queue-drops: { on: all }
  - queue-drops: { on: [i1>hall], at-most: 3 }
`;

t.test('what the kernel says', async (t) => {
  const queues = JSON.stringify([
    { kind: 'noqueue', dev: 'lo', drops: 0 },
    { kind: 'tbf', dev: 'eth0', drops: 7 },
    { kind: 'bfifo', dev: 'eth0', drops: 5, parent: '1:1' },
  ]);
  const interfaces = JSON.stringify([
    { ifname: 'lo', stats64: { rx: { dropped: 0 }, tx: { dropped: 0 } } },
    { ifname: 'eth0', stats64: { rx: { dropped: 2 }, tx: { dropped: 1 } } },
    { ifname: 'old' },
  ]);
  const snmp =
    'Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts RcvbufErrors\nUdp: 100 0 4\nUdpLite: InDatagrams\nUdpLite: 0\n';
  t.same(lossesOf(queues, interfaces, snmp), {
    sent: { lo: 0, eth0: 8, old: 0 },
    received: { lo: 0, eth0: 2, old: 0 },
    sockets: 4,
  });
  t.equal(lossesOf('[]', '[]', '').sockets, 0);
});

t.test('judged by direction', async (t) => {
  const topology = loadTopology(text, 'narrow.yaml');
  const [everywhere, uplink] = topology.expect as [Expectation, Expectation];
  const evidence = (queueDrops?: Record<string, number>) =>
    ({ plan: compile(topology), ...(queueDrops && { queueDrops }) }) as unknown as Evidence;
  t.equal(judge(everywhere, evidence()).outcome, 'inconclusive', 'nobody looked');
  t.match(judge(everywhere, evidence({ 'i1>hall': 0 })), { outcome: 'pass', summary: '0 on 6 directions' });
  const some = evidence({ 'i1>hall': 3, 'hall>t1': 9 });
  t.match(judge(everywhere, some), { outcome: 'fail', summary: 'hall>t1 9, i1>hall 3' });
  t.match(judge(uplink, some), { outcome: 'pass', summary: 'i1>hall 3' });
  const many = Object.fromEntries(
    ['i1>hall', 'hall>i1', 't1>hall', 'hall>t1', 't2>hall', 'hall>t2'].map((d) => [d, 1]),
  );
  t.match(judge(everywhere, evidence(many)).summary, /and 1 more$/);
});

t.test('settings of Replicast reach every node, and the expansion', async (t) => {
  const plan = compile(loadTopology(text, 'narrow.yaml'));
  const settings = { mode: 'hybrid', choosy: true, choosyFactor: 1.5, repair: 'whole', inFlight: 2 };
  for (const { config } of plan.nodes) t.match(config['replicast'], settings);
  const again = loadTopology(expandTopology(plan.topology), 'again.yaml');
  t.same(again.overlay, plan.topology.overlay);
  t.same(
    again.expect.map(({ line: _, ...rest }) => rest),
    plan.topology.expect.map(({ line: _, ...rest }) => rest),
  );
});
