import t from 'tap';
import { topologyDot, topologyPicture } from '../../lab/report/picture.ts';
import { loadTopology } from '../../lab/topology/index.ts';

const topology = loadTopology(
  `name: drawn
zones:
  hub:  { hosts: { i1: initiator, t1: { role: target, edge: { rate: 10mbit, up: { rate: 1mbit } } } } }
  east: { hosts: { c1: none } }
routers: [core]
trunks: [{ between: [hub, core], rate: 1gbit, delay: 5ms, loss: 0.1% }, { between: [east, core], toward: { core: { rate: 1mbit } } }]
`,
  'drawn.yaml',
);

t.test('the graph has a box for each zone, a node for each host, a line for each link with what it does', (t) => {
  const dot = topologyDot(topology);
  t.match(dot, 'subgraph "cluster hub" {\nlabel="hub  10.1.0.0/24";');
  t.match(dot, /"i1" \[.*tooltip="initiator 10\.1\.0\.11"\];/);
  t.match(dot, '"hub" -- "t1" [label="10mbit / 1mbit"];');
  t.match(dot, '"hub" -- "i1" [label=""];');
  t.match(dot, /"hub" -- "core" \[.*label="1gbit 5ms loss 0\.1%"\];/);
  t.match(dot, /"east" -- "core" \[.*label="1mbit \/ -"\];/);
  t.end();
});

t.test('the picture is SVG and shows every name', async (t) => {
  const svg = await topologyPicture(topology);
  t.match(svg, /<svg [\s\S]*<\/svg>\s*$/);
  for (const name of ['hub  10.1.0.0/24', 'i1', 't1', 'c1', 'core', '1gbit 5ms loss 0.1%']) {
    t.ok(svg.replaceAll('&#160;', ' ').includes(`>${name}</text>`), name);
  }
});

t.test('one zone without trunks is drawn too', async (t) => {
  t.match(
    await topologyPicture(loadTopology('name: one\nzones: { lan: { hosts: { t1: target } } }', 'one.yaml')),
    '>t1</text>',
  );
});
