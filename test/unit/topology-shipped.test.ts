import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { compile, path } from '../../lab/plan/index.ts';
import { loadTopology, type Topology } from '../../lab/topology/index.ts';

const shipped = (name: string): Topology => {
  const file = `topologies/${name}.yaml`;
  return loadTopology(readFileSync(file, 'utf8'), file);
};

t.test('every shipped topology loads, compiles, and says in a comment what it shows', (t) => {
  for (const file of readdirSync('topologies')) {
    const text = readFileSync(`topologies/${file}`, 'utf8');
    const topology = loadTopology(text, file);
    t.equal(`${topology.name}.yaml`, file, 'the file has the name of its topology');
    t.match(text, /^#.*(?:\n#.*)*\n# Shows /);
    t.ok(compile(topology).batches.length > 0);
    t.ok(
      topology.scenario.some((step) => step.kind === 'put' && step.file === '$node'),
      'puts a real file',
    );
    t.ok(
      topology.scenario.some((step) => step.kind === 'put' && step.size !== undefined),
      'puts generated data',
    );
    t.ok(topology.expect.length > 0);
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
