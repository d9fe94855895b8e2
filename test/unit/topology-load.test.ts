import t from 'tap';
import { expandTopology, jsonSchema, loadTopology, type Topology } from '../../lab/topology/index.ts';

const load = (text: string): Topology => loadTopology(`name: test\n${text}`, 'test.yaml');
const host = (topology: Topology, name: string) => topology.hosts.find((candidate) => candidate.name === name)!;

t.test('a whole topology: everything filled in, in base units', (t) => {
  const topology = load(`
defaults: { edge: { rate: 1gbit, delay: 20us }, trunk: { rate: 100mbit } }
zones:
  hub:  { subnet: 10.9.0.0/24, hosts: { i1: initiator, t1: target } }
  east: { hosts: { t2: target, c1: { role: none, edge: { rate: 10mbit }, address: 10.2.0.99, run: [sleep, 60] } } }
routers: [core]
trunks:
  - { between: [hub, core] }
  - { between: [east, core], delay: 5ms, toward: { east: { loss: 0.1% } } }
overlay: { chunk-size: 64KiB }
scenario:
  - put: { from: i1, size: 1MiB, seed: 7, replicas: 2, count: 20 }
  - at: 2s
    send: { from: i1, to: [t2] }
  - after: 10ms
    get: { by: i1 }
  - kill: { node: c1 }
expect:
  delivered: all
  latency: { p99: path + 2ms, max: 2 * path }
`);
  const edge = { rate: 1e9, delay: 0.02 };
  t.strictSame(topology, {
    name: 'test',
    file: 'test.yaml',
    zones: [
      { name: 'hub', subnet: '10.9.0.0/24', gateway: '10.9.0.1', switches: ['hub'] },
      { name: 'east', subnet: '10.2.0.0/24', gateway: '10.2.0.1', switches: ['east'] },
    ],
    routers: [{ name: 'core' }],
    hosts: [
      { name: 'i1', zone: 'hub', switch: 'hub', role: 'initiator', address: '10.9.0.11', up: edge, down: edge },
      { name: 't1', zone: 'hub', switch: 'hub', role: 'target', address: '10.9.0.12', up: edge, down: edge },
      { name: 't2', zone: 'east', switch: 'east', role: 'target', address: '10.2.0.11', up: edge, down: edge },
      {
        name: 'c1',
        zone: 'east',
        switch: 'east',
        role: 'none',
        address: '10.2.0.99',
        up: { rate: 1e7, delay: 0.02 },
        down: { rate: 1e7, delay: 0.02 },
        run: ['sleep', '60'],
      },
    ],
    trunks: [
      { a: 'hub', b: 'core', forward: { rate: 1e8 }, backward: { rate: 1e8 } },
      { a: 'east', b: 'core', forward: { rate: 1e8, delay: 5 }, backward: { rate: 1e8, delay: 5, loss: 0.001 } },
    ],
    overlay: {
      groups: { ng1: ['t1', 't2'] },
      vias: [],
      tunnel: 'udp',
      tunnels: [],
      port: 8296,
      relay: true,
      chunkSize: 65_536,
      // The slowest link that data may take: not the 10 Mbit/s of c1, which takes no part.
      capacity: 1e8,
      replicast: {},
    },
    observe: 'ledger',
    scenario: [
      { kind: 'put', from: 'i1', replicas: 2, count: 20, size: 1_048_576, seed: 7, line: 13 },
      { kind: 'send', from: 'i1', group: 'ng1', to: ['t2'], count: 1, copies: 1, size: 1000, at: 2000, line: 15 },
      { kind: 'get', by: 'i1', after: 10, line: 17 },
      { kind: 'kill', node: 'c1', line: 18 },
    ],
    expect: [
      { kind: 'delivered', repaired: false, should: 'pass', line: 20 },
      { kind: 'latency', quantile: 0.99, paths: 1, extra: 2, should: 'pass', line: 21 },
      { kind: 'latency', quantile: 1, paths: 2, extra: 0, should: 'pass', line: 21 },
    ],
  });
  t.end();
});

t.test('link properties: host over zone over default, one way over both ways', (t) => {
  const topology = load(`
defaults: { edge: { rate: 1gbit, queue: 100 packets, loss: 1%, up: { delay: 1ms } } }
zones:
  hub:
    edge: { rate: 100mbit, down: { loss: 0% } }
    hosts:
      t1: target
      t2: { role: target, edge: { rate: 10mbit, up: { rate: 1mbit, queue: 3000B } } }
      t3: { role: target, edge: { rate: unlimited, loss: 2% } }
`);
  const queue = 100 * 1514;
  t.strictSame(host(topology, 't1').up, { rate: 1e8, delay: 1, loss: 0.01, queue });
  t.strictSame(host(topology, 't1').down, { rate: 1e8, queue });
  t.strictSame(host(topology, 't2').up, { rate: 1e6, delay: 1, loss: 0.01, queue: 3000 });
  t.strictSame(host(topology, 't2').down, { rate: 1e7, queue });
  t.strictSame(host(topology, 't3').up, { delay: 1, loss: 0.02 });
  t.strictSame(host(topology, 't3').down, { loss: 0.02 });
  t.end();
});

t.test('addresses: given, skipped, and in subnets that are small or large', (t) => {
  const hosts = (count: number) => Array.from({ length: count }, (_, index) => `h${index}: none`).join(', ');
  const topology = load(`
zones:
  a: { subnet: 10.2.0.0/24, hosts: { x: { address: 10.2.0.12 }, y: none, z: none } }
  b: { hosts: { ${hosts(300)} } }
  c: { subnet: 192.168.0.0/29, hosts: { p: none, q: none } }
trunks: [{ between: [a, b] }, { between: [b, c] }]
`);
  t.strictSame(
    ['x', 'y', 'z', 'h0', 'h299', 'p', 'q'].map((name) => host(topology, name).address),
    ['10.2.0.12', '10.2.0.11', '10.2.0.13', '10.3.0.11', '10.3.1.54', '192.168.0.2', '192.168.0.3'],
  );
  // b is the second zone, but 10.2.0.0 is taken.
  t.equal(topology.zones[1]!.subnet, '10.3.0.0/23');
  t.end();
});

t.test('over 64 targets: several groups of 64', (t) => {
  const { groups } = load('shape: { star: { zones: 2, hosts: 65 } }').overlay;
  t.strictSame(
    Object.entries(groups).map(([name, members]) => [name, members.length, members[0]]),
    [
      ['ng1', 64, 't1'],
      ['ng2', 64, 't65'],
      ['ng3', 2, 't129'],
    ],
  );
  t.end();
});

t.test('links may be named either way round, and by direction', (t) => {
  const { expect } = load(`
zones: { hub: { hosts: { t1: target } }, east: {} }
trunks: [{ between: [hub, east] }]
expect:
  - traversals: { on: [east--hub, hub>east, hub > t1], exactly: 1, to: [t1] }
    should: fail
  - traversals: { per-datagram: 2 }
`);
  t.strictSame(expect, [
    { kind: 'traversals', on: ['east>hub', 'hub>east', 'hub>t1'], exactly: 1, to: ['t1'], should: 'fail', line: 6 },
    { kind: 'traversals', on: 'trunks', atMost: 2, should: 'pass', line: 8 },
  ]);
  t.end();
});

t.test('a chain of vias without a cycle is sound', (t) => {
  const { vias } = load(`
shape: { line: { zones: 4, hosts: 1 } }
overlay: { vias: [{ from: z1, to: z3, via: z2 }, { from: z1, to: z4, via: z3 }, { from: z2, to: z4, via: z3 }] }
`).overlay;
  t.equal(vias.length, 3);
  t.end();
});

t.test('anchors and aliases are YAML like any other', (t) => {
  const topology = load(`
defaults: { edge: &slow { rate: 1mbit }, trunk: *slow }
zones: { hub: { hosts: { t1: target } }, east: {} }
trunks: [{ between: [hub, east] }]
`);
  t.strictSame(topology.trunks[0]!.forward, { rate: 1e6 });
  t.end();
});

t.test('the expansion is a topology that says the same', (t) => {
  const topology = load(`
defaults: { edge: { rate: 1gbit }, trunk: { delay: 1500us, jitter: 1ms, jitter-reorder: true } }
shape: { tree: { depth: 2, fanout: 2, hosts: 1 } }
overlay: { vias: [{ from: z1, to: z3, via: z2 }], relay: false }
scenario:
  - { after: 1s, put: { from: i1, file: $node, bytes: 4MiB, group: ng1 } }
expect: { stored: 3, traversals: { on: [z1>r2], exactly: 1 }, latency: { p99.9: 1.5 * path + 250us } }
`);
  const again = loadTopology(expandTopology(topology), 'test.yaml');
  t.strictSame(withoutLines(again), withoutLines(topology));
  t.equal(expandTopology(again), expandTopology(topology));
  t.end();
});

function withoutLines(topology: Topology): unknown {
  return JSON.parse(JSON.stringify(topology, (key, value) => (key === 'line' ? undefined : value)));
}

t.test('every field of the JSON Schema is described, with an example where the type does not say it all', (t) => {
  type Node = {
    type?: string;
    properties?: Record<string, Node>;
    additionalProperties?: Node | boolean;
    items?: Node;
    anyOf?: Node[];
    description?: string;
    not?: object;
  };
  const fields: [string, Node][] = [];
  const walk = (node: Node, path: string): void => {
    for (const [name, field] of Object.entries(node.properties ?? {})) {
      if (!field.not) fields.push([`${path}.${name}`, field]);
      walk(field, `${path}.${name}`);
    }
    if (typeof node.additionalProperties === 'object') walk(node.additionalProperties, `${path}.*`);
    if (node.items) walk(node.items, `${path}[]`);
    for (const option of node.anyOf ?? []) walk(option, path);
  };
  walk(jsonSchema() as Node, '');
  t.ok(fields.length > 100, `${fields.length} fields`);
  t.strictSame(
    fields.filter(([, field]) => !field.description).map(([name]) => name),
    [],
  );
  t.strictSame(
    fields
      .filter(([, { type, description }]) => type === 'string' && !description!.includes('Example: '))
      .map(([name]) => name)
      .filter((name) => !/\.(role|tunnel)$/.test(name)),
    [],
  );
  t.end();
});
