import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import t, { type Test } from 'tap';
import { compile, path } from '../../lab/plan/index.ts';
import { loadTopology, type Topology } from '../../lab/topology/index.ts';
import { bitString, buildBift, decide, viasFrom } from '../../src/bier/index.ts';
import { parseClusterMap } from '../../src/overlay/index.ts';

const shipped = (name: string): Topology => {
  const file = `topologies/${name}.yaml`;
  return loadTopology(readFileSync(file, 'utf8'), file);
};

t.test('every shipped topology loads, compiles, and says in a comment what it shows', (t) => {
  const files = readdirSync('topologies', { recursive: true }) as string[];
  for (const file of files.filter((name) => name.endsWith('.yaml'))) {
    const text = readFileSync(`topologies/${file}`, 'utf8');
    const topology = loadTopology(text, file);
    t.equal(`${topology.name}.yaml`, basename(file), 'the file has the name of its topology');
    t.match(text, /^#.*(?:\n#.*)*\n# Shows /);
    t.ok(compile(topology).batches.length > 0);
    t.ok(topology.expect.length > 0);
    if (!topology.hosts.some(({ role }) => role === 'initiator')) continue;
    t.ok(
      topology.scenario.some((step) => step.kind === 'put' && step.file === '$node'),
      'puts a real file',
    );
    t.ok(
      topology.scenario.some((step) => step.kind === 'put' && step.size !== undefined),
      'puts generated data',
    );
  }
  t.end();
});

t.test('ring and ring-vias differ by their vias and by what they show, and by nothing else', (t) => {
  const comparable = ({ name: _, file: __, overlay, expect: ___, scenario, ...network }: Topology) => ({
    ...network,
    overlay: { ...overlay, vias: [] },
    scenario: scenario.map((step) => ({ ...step, line: 0 })),
  });
  const [without, withVias] = ['ring', 'ring-vias'].map(shipped) as [Topology, Topology];
  t.strictSame(comparable(without), comparable(withVias));
  t.strictSame(without.overlay.vias, []);
  const shared = ({ expect }: Topology) => {
    const found = expect.find((expectation) => expectation.kind === 'traversals' && expectation.on === 'trunks');
    return { ...found, line: 0 };
  };
  t.strictSame(shared(without), { kind: 'traversals', on: 'trunks', atMost: 1, should: 'fail', line: 0 });
  t.strictSame(shared(withVias), { kind: 'traversals', on: 'trunks', atMost: 1, should: 'pass', line: 0 });
  t.end();
});

t.test('in the ring, the ways to z3 and z4 share trunks with those to z2 and z5', (t) => {
  const trunks = (to: string) => path(shipped('ring'), 'z1', to).map((link) => link.name);
  t.strictSame(trunks('z2'), ['z1>z2']);
  t.strictSame(trunks('z3'), ['z1>z2', 'z2>z3']);
  t.strictSame(trunks('z4'), ['z1>z5', 'z5>z4']);
  t.strictSame(trunks('z5'), ['z1>z5']);
  t.end();
});

t.test('line is the figure: A and B behind m3; C, D and E behind m4 and m5; m2 on no way', (t) => {
  const ways = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e'].map((to) => [
      to,
      path(shipped('line'), 'source', to)
        .map((link) => link.name)
        .join(' '),
    ]),
  );
  t.strictSame(ways, {
    a: 'source>m1 m1>m3 m3>a',
    b: 'source>m1 m1>m3 m3>b',
    c: 'source>m1 m1>m4 m4>m5 m5>c',
    d: 'source>m1 m1>m4 m4>m5 m5>d',
    e: 'source>m1 m1>m4 m4>m5 m5>e',
  });
  t.end();
});

/**
 * How often one datagram crosses each direction of each trunk, worked out from the forwarding rules alone: the copies that each
 * relay in turn would make, and the way of each over the underlay.
 */
function trunkLoads(t: Test, topology: Topology, from: string, to: readonly string[]): Record<string, number> {
  const map = parseClusterMap(JSON.stringify(compile(topology).clusterMap), 'map.json');
  const [group] = map.groups;
  const [set] = group!.sets;
  const bift = buildBift(set!);
  const zoneOf = new Map(topology.hosts.map((host) => [host.name, map.zoneByName.get(host.zone)!]));
  const loads: Record<string, number> = {};
  const delivered: string[] = [];
  const forward = (at: string, bits: Uint8Array, ingress?: string): void => {
    const zone = zoneOf.get(at)!;
    const bit = set!.members.findIndex((member) => member.name === at);
    const { own, copies } = decide(bift, bits, 0, {
      zone,
      bit,
      vias: viasFrom(map.vias, zone),
      ingress: ingress === undefined ? undefined : zoneOf.get(ingress),
      relay: map.relay,
      isLive: () => true,
    });
    if (own) delivered.push(at);
    for (const copy of copies) {
      for (const link of path(topology, at, copy.target.name)) {
        if (link.kind === 'trunk') loads[link.name] = (loads[link.name] ?? 0) + 1;
      }
      forward(copy.target.name, copy.bits, at);
    }
  };
  const bits = to.map((name) => set!.members.findIndex((member) => member.name === name));
  forward(from, bitString(group!.bitStringLength, bits));
  t.strictSame(delivered.sort(), [...to].sort(), 'delivered once to each');
  return loads;
}

t.test('what the forwarding rules predict for the shipped topologies is what they expect', (t) => {
  const others = ['t3', 't5', 't7', 't9'];
  t.strictSame(trunkLoads(t, shipped('ring'), 'i1', others), { 'z1>z2': 2, 'z2>z3': 1, 'z1>z5': 2, 'z5>z4': 1 });
  t.strictSame(trunkLoads(t, shipped('ring-vias'), 'i1', others), { 'z1>z2': 1, 'z2>z3': 1, 'z1>z5': 1, 'z5>z4': 1 });
  t.strictSame(trunkLoads(t, shipped('line'), 'source', ['a', 'b', 'c', 'd', 'e']), {
    'm1>m3': 1,
    'm1>m4': 1,
    'm4>m5': 1,
  });
  t.strictSame(trunkLoads(t, shipped('multi-subnet'), 'i1', ['t2', 't3', 't4', 't6', 't8']), {
    'hub>core': 1,
    'core>east': 1,
    'east>core': 1,
    'core>west': 1,
  });
  t.strictSame(trunkLoads(t, shipped('star'), 'i1', ['t5', 't6', 't7', 't8']), {
    'z1>core': 2,
    'core>z3': 1,
    'core>z4': 1,
  });
  t.end();
});
