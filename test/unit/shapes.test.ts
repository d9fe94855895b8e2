import t from 'tap';
import { leafSpine, line, mesh, ring, star, tree } from '../../lab/topology/shapes.ts';

const size = { zones: 4, hosts: 2, initiators: 1 };
const joins = (shaped: { trunks: { between: [string, string] }[] }) =>
  shaped.trunks.map(({ between }) => between.join('--'));

t.test('zones, targets and initiators are numbered in order', (t) => {
  t.strictSame(star({ zones: 3, hosts: 2, initiators: 4 }).zones, {
    z1: { hosts: { i1: 'initiator', i4: 'initiator', t1: 'target', t2: 'target' } },
    z2: { hosts: { i2: 'initiator', t3: 'target', t4: 'target' } },
    z3: { hosts: { i3: 'initiator', t5: 'target', t6: 'target' } },
  });
  t.end();
});

t.test('who is joined to whom', (t) => {
  t.strictSame(joins(star(size)), ['z1--core', 'z2--core', 'z3--core', 'z4--core']);
  t.strictSame(star(size).routers, ['core']);
  t.strictSame(joins(ring(size)), ['z1--z2', 'z2--z3', 'z3--z4', 'z4--z1']);
  t.strictSame(joins(line(size)), ['z1--z2', 'z2--z3', 'z3--z4']);
  t.strictSame(joins(mesh(size)), ['z1--z2', 'z1--z3', 'z1--z4', 'z2--z3', 'z2--z4', 'z3--z4']);
  const binary = tree({ depth: 2, fanout: 2, hosts: 1, initiators: 0 });
  t.strictSame(joins(binary), ['r1--r2', 'r1--r3', 'r2--z1', 'r2--z2', 'r3--z3', 'r3--z4']);
  t.strictSame(binary.routers, ['r1', 'r2', 'r3']);
  t.strictSame(Object.keys(binary.zones), ['z1', 'z2', 'z3', 'z4']);
  const fabric = leafSpine({ leaves: 3, spines: 2, hosts: 2, initiators: 4 });
  t.strictSame(joins(fabric), [
    'leaf1--spine1',
    'leaf1--spine2',
    'leaf2--spine1',
    'leaf2--spine2',
    'leaf3--spine1',
    'leaf3--spine2',
  ]);
  t.strictSame(fabric.zones['z1']!.switches, {
    spine1: [],
    spine2: [],
    leaf1: ['i1', 'i4', 't1', 't2'],
    leaf2: ['i2', 't3', 't4'],
    leaf3: ['i3', 't5', 't6'],
  });
  t.end();
});
