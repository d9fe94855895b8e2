/** Gateways in topology files: what is planned for them, what is refused, what the machine must have. */
import t from 'tap';
import { assertGateways } from '../../lab/links/features.ts';
import { compile } from '../../lab/plan/index.ts';
import { expandTopology, loadTopology } from '../../lab/topology/index.ts';
import { parseClusterMap } from '../../src/overlay/index.ts';

const topology = (hosts: string, groups = '{ media: [m1, m2] }') =>
  loadTopology(
    `name: gateways
zones:
  west: { hosts: { i1: initiator, t1: target, ${hosts} } }
overlay: { groups: ${groups} }
`,
    'gateways.yaml',
  );
const two = 'm1: { role: mrouter, gateway: castl0 }, m2: mrouter, m3: mrouter';

t.test('a host with only an MRouter is a target where a group names it', async (t) => {
  const plan = compile(topology(two, '{ stores: [t1], media: [m1, m2] }'));
  const map = parseClusterMap(JSON.stringify(plan.clusterMap), 'map.json');
  t.same([...map.targetByName.keys()], ['t1', 'm1', 'm2'], 'm3 is in no group, and so in no map');
  t.same(
    map.partitions.map(({ name }) => name),
    ['stores'],
    'nothing is stored where there are no stores',
  );
  const gateways = Object.fromEntries(plan.nodes.map(({ name, config }) => [name, config['gateway']]));
  t.same(gateways, { i1: undefined, t1: undefined, m1: { interface: 'castl0' }, m2: undefined, m3: undefined });
});

t.test('the expansion says the same', async (t) => {
  const before = topology(two);
  const after = loadTopology(expandTopology(before), 'gateways.yaml');
  t.same(
    after.hosts.map(({ name, gateway }) => [name, gateway]),
    before.hosts.map(({ name, gateway }) => [name, gateway]),
  );
});

t.test('hosts that can have none', async (t) => {
  const refused = (host: string) => () => topology(`${host}, m1: mrouter, m2: mrouter`);
  t.throws(refused('c1: { gateway: castl0 }'), /:3:\d+: "c1" has no MRouter to be a gateway: it has the role none/);
  t.throws(
    refused('c1: { role: target, run: [sleep, 9], gateway: castl0 }'),
    /:3:\d+: "c1" has no MRouter to be a gateway: its own program runs in place of one/,
  );
  t.throws(refused('c1: { role: mrouter, gateway: a-name-too-long-for-it }'), /expected the name of an interface/);
});

t.test('the machine must have TUN interfaces, where there are gateways', async (t) => {
  const lacking = () => ({ available: false, reason: 'no TUN here', remedy: 'sudo modprobe tun' }) as const;
  t.throws(() => assertGateways(topology(two).hosts, lacking), {
    exitCode: 77,
    message: /no gateway on m1: no TUN here[\s\S]*sudo modprobe tun/,
  });
  assertGateways(topology(two).hosts, () => ({ available: true }));
  assertGateways(topology('m1: mrouter, m2: mrouter').hosts, () => {
    throw new Error('nobody asked');
  });
  t.pass('and only there');
});
