import { Graphviz } from '@hpcc-js/wasm-graphviz';
import type { Topology } from '../topology/index.ts';

/** Where everything is on the picture, px; the origin is at the top left. */
export interface Drawing {
  width: number;
  height: number;
  /** A switch with its hosts, or a router, by node name. */
  boxes: { node: string; title: string; x: number; y: number; width: number; height: number; round: boolean }[];
  hosts: { node: string; x: number; y: number; width: number; height: number }[];
  /** SVG path data by link direction, from its beginning to its end. */
  paths: Record<string, string>;
}

type Point = [x: number, y: number];

/** px */
const HOST = { width: 62, height: 24, gapX: 22, gapY: 12 } as const;
const BOX = { header: 26, padding: 12, least: 110 } as const;
const ROUTER = { width: 84, height: 40 } as const;
/** Between the two directions of a link. */
const LANE = 3;
const MARGIN = 12;
/** Rows from a root down, or springs between the boxes: what can be shown larger is chosen. */
const ENGINES = ['dot', 'neato'] as const;
/** What is there for the picture, px. */
const SCREEN = { width: 1200, height: 800 } as const;
/** Graphviz counts in inches of 72 points. */
const INCH = 72;

/**
 * Draws a topology: Graphviz places the switches and routers, each switch as a box as large as the grid of its hosts, and leads the
 * trunks; the hosts, and every direction as a line of its own, are placed here.
 */
export async function draw(topology: Topology): Promise<Drawing> {
  const boxes = boxesOf(topology);
  const graphviz = await Graphviz.load();
  const dot = graphOf(topology, boxes);
  const drawings = ENGINES.map((engine) => {
    const drawing = compose(topology, boxes, JSON.parse(graphviz.layout(dot, 'json', engine)) as Placed);
    return { drawing, scale: Math.max(drawing.width / SCREEN.width, drawing.height / SCREEN.height) };
  });
  return drawings.reduce((best, other) => (other.scale < best.scale ? other : best)).drawing;
}

interface Box {
  title: string;
  hosts: string[];
  columns: number;
  width: number;
  height: number;
  round: boolean;
}

function boxesOf({ zones, routers, hosts }: Topology): Map<string, Box> {
  const boxes = new Map<string, Box>();
  for (const zone of zones) {
    for (const name of zone.switches) {
      const members = hosts.filter((host) => host.switch === name).map((host) => host.name);
      const columns = Math.max(1, Math.ceil(Math.sqrt(members.length * 0.8)));
      const rows = Math.ceil(members.length / columns);
      const title = zone.switches[0] === name ? `${name}  ${zone.subnet}` : `${name} (${zone.name})`;
      const inner = columns * (HOST.width + HOST.gapX) + BOX.padding;
      boxes.set(name, {
        title,
        hosts: members,
        columns,
        width: Math.max(BOX.least, title.length * 7 + 16, inner),
        height: BOX.header + (rows === 0 ? 0 : rows * (HOST.height + HOST.gapY) + BOX.padding),
        round: false,
      });
    }
  }
  for (const { name } of routers) {
    const width = Math.max(ROUTER.width, name.length * 8 + 20);
    boxes.set(name, { title: name, hosts: [], columns: 0, width, height: ROUTER.height, round: true });
  }
  return boxes;
}

/** Switches and routers as boxes of fixed size, in the DOT language. */
function graphOf({ trunks }: Topology, boxes: Map<string, Box>): string {
  const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const longest = Math.max(...[...boxes.values()].map(({ width, height }) => Math.hypot(width, height)));
  const lines = [
    'graph {',
    `graph [overlap=false, splines=true, sep="+40", esep="+6", nodesep=0.6, ranksep=0.7, start=7];`,
    'node [shape=box, fixedsize=true, label=""];',
    ...[...boxes].map(
      ([name, { width, height }]) => `${quote(name)} [width=${width / INCH}, height=${height / INCH}];`,
    ),
    ...trunks.map(({ a, b }) => `${quote(a)} -- ${quote(b)} [len=${(longest + 60) / INCH}];`),
    '}',
  ];
  return lines.join('\n');
}

interface Placed {
  bb: string;
  objects: { name: string; pos: string }[];
  edges?: { tail: number; head: number; pos: string }[];
}

function compose(topology: Topology, boxes: Map<string, Box>, placed: Placed): Drawing {
  const [left, bottom, right, top] = placed.bb.split(',').map(Number) as [number, number, number, number];
  const at = (text: string): Point => {
    const [x, y] = text.split(',').map(Number) as Point;
    return [round(x - left + MARGIN), round(top - y + MARGIN)];
  };
  const drawing: Drawing = {
    width: Math.ceil(right - left + 2 * MARGIN),
    height: Math.ceil(top - bottom + 2 * MARGIN),
    boxes: [],
    hosts: [],
    paths: {},
  };
  for (const { name, pos } of placed.objects) {
    const box = boxes.get(name)!;
    const [x, y] = at(pos);
    const corner: Point = [round(x - box.width / 2), round(y - box.height / 2)];
    const { title, width, height, round: isRound } = box;
    drawing.boxes.push({ node: name, title, x: corner[0], y: corner[1], width, height, round: isRound });
    placeHosts(drawing, name, box, corner);
  }
  for (const [index, { pos }] of (placed.edges ?? []).entries()) {
    const { a, b } = topology.trunks[index]!;
    const points = pos.split(' ').map(at);
    const first = drawing.boxes.find(({ node }) => node === a)!;
    // Graphviz may write a line from either of its ends.
    if (distance(points[0]!, first) > distance(points.at(-1)!, first)) points.reverse();
    drawing.paths[`${a}>${b}`] = curve(beside(points, LANE));
    drawing.paths[`${b}>${a}`] = curve(beside([...points].reverse(), LANE));
  }
  return drawing;
}

/** Hosts in rows; two lines to each come down beside its column, one for each direction. */
function placeHosts(drawing: Drawing, name: string, box: Box, [left, top]: Point): void {
  const used = Math.min(box.columns, box.hosts.length) * (HOST.width + HOST.gapX) - HOST.gapX / 2;
  const start = left + (box.width - used) / 2 + HOST.gapX / 2;
  for (const [index, host] of box.hosts.entries()) {
    const x = round(start + (index % box.columns) * (HOST.width + HOST.gapX));
    const y = round(top + BOX.header + BOX.padding + Math.floor(index / box.columns) * (HOST.height + HOST.gapY));
    drawing.hosts.push({ node: host, x, y, width: HOST.width, height: HOST.height });
    const middle = y + HOST.height / 2;
    const bottom = top + BOX.header;
    const [down, up] = [x - 6 - LANE, x - 6 + LANE];
    drawing.paths[`${name}>${host}`] = `M${down} ${bottom}V${middle + LANE}H${x}`;
    drawing.paths[`${host}>${name}`] = `M${x} ${middle - LANE}H${up}V${bottom}`;
  }
}

/** The same line moved a little to its right. */
function beside(points: readonly Point[], by: number): Point[] {
  const [from, to] = [points[0]!, points.at(-1)!];
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const [dx, dy] = [(-(to[1] - from[1]) / length) * by, ((to[0] - from[0]) / length) * by];
  return points.map(([x, y]) => [round(x + dx), round(y + dy)]);
}

/** Graphviz writes cubic Bézier curves: a point, then three for each piece. */
function curve([first, ...rest]: readonly Point[]): string {
  return `M${first!.join(' ')}C${rest.map((point) => point.join(' ')).join(' ')}`;
}

function distance([x, y]: Point, box: { x: number; y: number; width: number; height: number }): number {
  return Math.hypot(x - box.x - box.width / 2, y - box.y - box.height / 2);
}

const round = (value: number) => Math.round(value * 10) / 10;
