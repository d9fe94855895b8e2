import { Graphviz } from '@hpcc-js/wasm-graphviz';
import {
  formatPercentage,
  formatRate,
  formatTime,
  type Host,
  type LinkProperties,
  type Topology,
} from '../topology/index.ts';

/** Fill colours by role; all dark enough for black text on white paper, light enough for the text on them. */
const ROLE_COLOURS: Record<Host['role'], string> = {
  initiator: '#ffd28a',
  target: '#a8d5ff',
  mrouter: '#cde8b5',
  none: '#eeeeee',
};

/** The topology as a graph in the DOT language: a box for each zone with its hosts around its switch, lines for the trunks. */
export function topologyDot({ name, zones, routers, hosts, trunks }: Topology): string {
  const node = (id: string, attributes: Record<string, string>) => `${quote(id)} [${write(attributes)}];`;
  const line = (a: string, b: string, attributes: Record<string, string>) =>
    `${quote(a)} -- ${quote(b)} [${write(attributes)}];`;
  return [
    `graph ${quote(name)} {`,
    'graph [fontname="Helvetica", fontsize=12, nodesep=0.25, ranksep=0.6];',
    'node [fontname="Helvetica", fontsize=11, style="filled", color="#555555", height=0.3];',
    'edge [fontname="Helvetica", fontsize=9, color="#555555"];',
    ...zones.flatMap((zone) => {
      const members = hosts.filter((host) => host.zone === zone.name);
      return [
        // Graphviz draws a subgraph as a box when its name begins with "cluster".
        `subgraph ${quote(`cluster ${zone.name}`)} {`,
        `label=${quote(`${zone.name}  ${zone.subnet}`)}; style="rounded"; color="#999999";`,
        ...zone.switches.map((name) => node(name, { shape: 'box', fillcolor: '#dddddd', label: `switch ${name}` })),
        ...members.map((host) =>
          node(host.name, {
            shape: 'ellipse',
            fillcolor: ROLE_COLOURS[host.role],
            tooltip: `${host.role} ${host.address}`,
          }),
        ),
        ...members.map((host) => line(host.switch, host.name, { label: describe(host.down, host.up) })),
        '}',
      ];
    }),
    ...routers.map((router) => node(router.name, { shape: 'diamond', fillcolor: '#ffffff' })),
    ...trunks.map((trunk) => line(trunk.a, trunk.b, { penwidth: '2', label: describe(trunk.forward, trunk.backward) })),
    '}',
    '',
  ].join('\n');
}

/** The topology drawn, as the text of an SVG file. */
export async function topologyPicture(topology: Topology): Promise<string> {
  const graphviz = await Graphviz.load();
  return graphviz.layout(topologyDot(topology), 'svg', topology.trunks.length > 0 ? 'dot' : 'neato');
}

/** `1gbit 5ms`; both directions when they differ: `1gbit / 10mbit`. */
function describe(there: LinkProperties, back: LinkProperties): string {
  const [forward, backward] = [there, back].map(({ rate, delay, loss }) =>
    [
      rate === undefined ? '' : formatRate(rate),
      delay === undefined ? '' : formatTime(delay),
      loss === undefined ? '' : `loss ${formatPercentage(loss)}`,
    ]
      .filter((part) => part !== '')
      .join(' '),
  );
  return forward === backward ? forward! : `${forward || '-'} / ${backward || '-'}`;
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

function write(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${quote(value)}`)
    .join(', ');
}
