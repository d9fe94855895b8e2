import t from 'tap';
import { compile } from '../../lab/plan/index.ts';
import { loadTopology } from '../../lab/topology/index.ts';

const small = loadTopology(
  `name: small
defaults: { trunk: { rate: 100mbit } }
zones:
  hub:  { hosts: { i1: initiator, t1: { role: target, edge: { down: { rate: 10mbit, queue: 30000B } } } } }
  east: { subnet: 10.7.0.0/16, hosts: { t2: target, c1: none } }
routers: [core]
trunks:
  - { between: [hub, core] }
  - { between: [core, east], mtu: 1400, toward: { core: { rate: unlimited } } }
overlay: { vias: [], relay: false, chunk-size: 64KiB }
`,
  'small.yaml',
);

const everywhere = {
  'net/ipv6/conf/all/disable_ipv6': '1',
  'net/ipv6/conf/default/disable_ipv6': '1',
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
};
const forwarding = {
  ...everywhere,
  'net/ipv4/ip_forward': '1',
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
};

t.test('a whole plan', (t) => {
  const plan = compile(small);
  t.strictSame(plan, {
    topology: small,
    namespaces: [
      { name: 'hub', kind: 'zone', sysctls: forwarding },
      { name: 'east', kind: 'zone', sysctls: forwarding },
      { name: 'core', kind: 'router', sysctls: forwarding },
      { name: 'i1', kind: 'host', sysctls: everywhere },
      { name: 't1', kind: 'host', sysctls: everywhere },
      { name: 't2', kind: 'host', sysctls: everywhere },
      { name: 'c1', kind: 'host', sysctls: everywhere },
    ],
    links: [
      {
        name: 'i1--hub',
        kind: 'edge',
        a: { node: 'i1', interface: 'eth0', mac: '02:00:0a:01:00:0b', address: '10.1.0.11/24' },
        b: { node: 'hub', interface: 'i1', mac: '02:01:0a:01:00:0b' },
        forward: {},
        backward: {},
        backend: 'veth',
      },
      {
        name: 't1--hub',
        kind: 'edge',
        a: { node: 't1', interface: 'eth0', mac: '02:00:0a:01:00:0c', address: '10.1.0.12/24' },
        b: { node: 'hub', interface: 't1', mac: '02:01:0a:01:00:0c' },
        forward: {},
        backward: { rate: 1e7, queue: 30_000 },
        backend: 'tbf',
      },
      {
        name: 't2--east',
        kind: 'edge',
        a: { node: 't2', interface: 'eth0', mac: '02:00:0a:07:00:0b', address: '10.7.0.11/16' },
        b: { node: 'east', interface: 't2', mac: '02:01:0a:07:00:0b' },
        forward: {},
        backward: {},
        backend: 'veth',
      },
      {
        name: 'c1--east',
        kind: 'edge',
        a: { node: 'c1', interface: 'eth0', mac: '02:00:0a:07:00:0c', address: '10.7.0.12/16' },
        b: { node: 'east', interface: 'c1', mac: '02:01:0a:07:00:0c' },
        forward: {},
        backward: {},
        backend: 'veth',
      },
      {
        name: 'hub--core',
        kind: 'trunk',
        a: { node: 'hub', interface: 'core', mac: '02:00:64:40:00:00', address: '100.64.0.0/31' },
        b: { node: 'core', interface: 'hub', mac: '02:00:64:40:00:01', address: '100.64.0.1/31' },
        forward: { rate: 1e8 },
        backward: { rate: 1e8 },
        backend: 'tbf',
      },
      {
        name: 'core--east',
        kind: 'trunk',
        a: { node: 'core', interface: 'east', mac: '02:00:64:40:00:02', address: '100.64.0.2/31' },
        b: { node: 'east', interface: 'core', mac: '02:00:64:40:00:03', address: '100.64.0.3/31' },
        forward: { rate: 1e8, mtu: 1400 },
        backward: { mtu: 1400 },
        backend: 'tbf',
      },
    ],
    batches: [
      {
        tool: 'ip',
        lines: [
          'link add index 10000 name i1 netns hub mtu 1500 address 02:01:0a:01:00:0b type veth peer name eth0 netns i1 mtu 1500 address 02:00:0a:01:00:0b',
          'link add index 10001 name t1 netns hub mtu 1500 address 02:01:0a:01:00:0c type veth peer name eth0 netns t1 mtu 1500 address 02:00:0a:01:00:0c',
          'link add index 10002 name t2 netns east mtu 1500 address 02:01:0a:07:00:0b type veth peer name eth0 netns t2 mtu 1500 address 02:00:0a:07:00:0b',
          'link add index 10003 name c1 netns east mtu 1500 address 02:01:0a:07:00:0c type veth peer name eth0 netns c1 mtu 1500 address 02:00:0a:07:00:0c',
          'link add index 10004 name hub netns core mtu 1500 address 02:00:64:40:00:01 type veth peer name core netns hub mtu 1500 address 02:00:64:40:00:00',
          'link add index 10005 name core netns east mtu 1400 address 02:00:64:40:00:03 type veth peer name east netns core mtu 1400 address 02:00:64:40:00:02',
        ],
      },
      {
        namespace: 'hub',
        tool: 'ip',
        lines: [
          'link set dev lo up',
          'link add name br0 mtu 1500 address 02:00:0a:01:00:01 type bridge stp_state 0 mcast_snooping 0',
          'link set dev i1 master br0',
          'link set dev i1 type bridge_slave learning off flood off mcast_flood off',
          'link set dev i1 up',
          'link set dev t1 master br0',
          'link set dev t1 type bridge_slave learning off flood off mcast_flood off',
          'link set dev t1 up',
          'address add 10.1.0.1/24 dev br0',
          'link set dev br0 up',
          'neigh replace 10.1.0.11 lladdr 02:00:0a:01:00:0b nud permanent dev br0',
          'neigh replace 10.1.0.12 lladdr 02:00:0a:01:00:0c nud permanent dev br0',
          'address add 100.64.0.0/31 dev core',
          'link set dev core up',
          'neigh replace 100.64.0.1 lladdr 02:00:64:40:00:01 nud permanent dev core',
          'route add 10.7.0.0/16 via 100.64.0.1 dev core',
        ],
      },
      {
        namespace: 'east',
        tool: 'ip',
        lines: [
          'link set dev lo up',
          'link add name br0 mtu 1500 address 02:00:0a:07:00:01 type bridge stp_state 0 mcast_snooping 0',
          'link set dev t2 master br0',
          'link set dev t2 type bridge_slave learning off flood off mcast_flood off',
          'link set dev t2 up',
          'link set dev c1 master br0',
          'link set dev c1 type bridge_slave learning off flood off mcast_flood off',
          'link set dev c1 up',
          'address add 10.7.0.1/16 dev br0',
          'link set dev br0 up',
          'neigh replace 10.7.0.11 lladdr 02:00:0a:07:00:0b nud permanent dev br0',
          'neigh replace 10.7.0.12 lladdr 02:00:0a:07:00:0c nud permanent dev br0',
          'address add 100.64.0.3/31 dev core',
          'link set dev core up',
          'neigh replace 100.64.0.2 lladdr 02:00:64:40:00:02 nud permanent dev core',
          'route add 10.1.0.0/24 via 100.64.0.2 dev core',
        ],
      },
      {
        namespace: 'core',
        tool: 'ip',
        lines: [
          'link set dev lo up',
          'address add 100.64.0.1/31 dev hub',
          'link set dev hub up',
          'neigh replace 100.64.0.0 lladdr 02:00:64:40:00:00 nud permanent dev hub',
          'address add 100.64.0.2/31 dev east',
          'link set dev east up',
          'neigh replace 100.64.0.3 lladdr 02:00:64:40:00:03 nud permanent dev east',
          'route add 10.1.0.0/24 via 100.64.0.0 dev hub',
          'route add 10.7.0.0/16 via 100.64.0.3 dev east',
        ],
      },
      {
        namespace: 'i1',
        tool: 'ip',
        lines: [
          'link set dev lo up',
          'address add 10.1.0.11/24 dev eth0',
          'link set dev eth0 up',
          'route add default via 10.1.0.1',
          'neigh replace 10.1.0.1 lladdr 02:00:0a:01:00:01 nud permanent dev eth0',
          'neigh replace 10.1.0.12 lladdr 02:00:0a:01:00:0c nud permanent dev eth0',
        ],
      },
      {
        namespace: 't1',
        tool: 'ip',
        lines: [
          'link set dev lo up',
          'address add 10.1.0.12/24 dev eth0',
          'link set dev eth0 up',
          'route add default via 10.1.0.1',
          'neigh replace 10.1.0.1 lladdr 02:00:0a:01:00:01 nud permanent dev eth0',
          'neigh replace 10.1.0.11 lladdr 02:00:0a:01:00:0b nud permanent dev eth0',
        ],
      },
      {
        namespace: 't2',
        tool: 'ip',
        lines: [
          'link set dev lo up',
          'address add 10.7.0.11/16 dev eth0',
          'link set dev eth0 up',
          'route add default via 10.7.0.1',
          'neigh replace 10.7.0.1 lladdr 02:00:0a:07:00:01 nud permanent dev eth0',
          'neigh replace 10.7.0.12 lladdr 02:00:0a:07:00:0c nud permanent dev eth0',
        ],
      },
      {
        namespace: 'c1',
        tool: 'ip',
        lines: [
          'link set dev lo up',
          'address add 10.7.0.12/16 dev eth0',
          'link set dev eth0 up',
          'route add default via 10.7.0.1',
          'neigh replace 10.7.0.1 lladdr 02:00:0a:07:00:01 nud permanent dev eth0',
          'neigh replace 10.7.0.11 lladdr 02:00:0a:07:00:0b nud permanent dev eth0',
        ],
      },
      {
        namespace: 'hub',
        tool: 'bridge',
        lines: [
          'fdb replace 02:00:0a:01:00:0b dev i1 master static',
          'fdb replace 02:00:0a:01:00:0c dev t1 master static',
        ],
      },
      {
        namespace: 'east',
        tool: 'bridge',
        lines: [
          'fdb replace 02:00:0a:07:00:0b dev t2 master static',
          'fdb replace 02:00:0a:07:00:0c dev c1 master static',
        ],
      },
      {
        namespace: 'hub',
        tool: 'tc',
        lines: [
          'qdisc replace dev t1 root tbf rate 10000000bit burst 3028 limit 30000',
          'qdisc replace dev core root tbf rate 100000000bit burst 3125 limit 625000',
        ],
      },
      {
        namespace: 'core',
        tool: 'tc',
        lines: [
          'qdisc replace dev hub root tbf rate 100000000bit burst 3125 limit 625000',
          'qdisc replace dev east root tbf rate 100000000bit burst 3125 limit 625000',
        ],
      },
    ],
    nodes: [
      {
        name: 'i1',
        role: 'initiator',
        config: {
          name: 'i1',
          role: 'initiator',
          zone: 'hub',
          underlay: '10.1.0.11',
          mac: '02:00:0a:01:00:0b',
          mtu: 1400,
          events: { fd: 3, datagrams: true },
          replicast: { chunkSize: 65_536, capacity: 1e8 },
        },
      },
      {
        name: 't1',
        role: 'target',
        config: {
          name: 't1',
          role: 'target',
          zone: 'hub',
          underlay: '10.1.0.12',
          mac: '02:00:0a:01:00:0c',
          mtu: 1400,
          events: { fd: 3, datagrams: true },
          replicast: { chunkSize: 65_536, capacity: 1e7 },
        },
      },
      {
        name: 't2',
        role: 'target',
        config: {
          name: 't2',
          role: 'target',
          zone: 'east',
          underlay: '10.7.0.11',
          mac: '02:00:0a:07:00:0b',
          mtu: 1400,
          events: { fd: 3, datagrams: true },
          replicast: { chunkSize: 65_536, capacity: 1e7 },
        },
      },
    ],
    clusterMap: {
      port: 8296,
      prefix: 'fd63:6173:746c:1::/64',
      zones: { hub: { subnet: '10.1.0.0/24', native: false }, east: { subnet: '10.7.0.0/16', native: false } },
      targets: {
        t1: { zone: 'hub', underlay: '10.1.0.12', mac: '02:00:0a:01:00:0c' },
        t2: { zone: 'east', underlay: '10.7.0.11', mac: '02:00:0a:07:00:0b' },
      },
      groups: { ng1: { id: '000000000001', members: ['t1', 't2'] } },
      vias: [],
      partitions: ['ng1'],
      relay: false,
    },
  });
  t.end();
});

t.test('in a zone of over 64 hosts the switch answers ARP, and no host lists the others', (t) => {
  const zoneOf = (hosts: number) =>
    compile(loadTopology(`name: n\nshape: { star: { zones: 1, hosts: ${hosts}, initiators: 0 } }`, 'n.yaml'));
  const linesOf = (hosts: number, namespace: string) =>
    zoneOf(hosts).batches.find((batch) => batch.namespace === namespace && batch.tool === 'ip')!.lines;
  t.equal(linesOf(64, 't1').filter((line) => line.startsWith('neigh')).length, 64);
  t.equal(linesOf(65, 't1').filter((line) => line.startsWith('neigh')).length, 1);
  t.notMatch(linesOf(64, 'z1').join('\n'), 'proxy_arp');
  t.equal(linesOf(65, 'z1').filter((line) => line.endsWith('proxy_arp on')).length, 65);
  t.end();
});

t.test('a host with a program of its own is a node, whatever its role', (t) => {
  const { nodes } = compile(
    loadTopology(
      'name: n\nzones: { hub: { hosts: { c1: { run: [python3, app.py, $c2.address, --to=$c2.overlay] }, c2: none, m1: mrouter } } }',
      'n.yaml',
    ),
  );
  t.strictSame(
    nodes.map(({ name, run, config }) => [name, run, config['events'], config['replicast']]),
    [
      ['c1', ['python3', 'app.py', '10.1.0.12', '--to=fd63:6173:746c:1:0:aff:fe01:c'], undefined, undefined],
      ['m1', undefined, { fd: 3, datagrams: true }, undefined],
    ],
  );
  t.end();
});
