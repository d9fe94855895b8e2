import { s } from './dom.ts';
import type { Load, Run } from './run.ts';

/** How strongly links are coloured: by their share of the busiest one's bytes. */
const SHADES = 5;
/** px of a box that its name takes, as drawing.ts leaves them. */
const HEADER = 26;

/** What one direction did in what is looked at. */
export interface Shown {
  /** Class that colours it: `load-3`, `crossed`, `twice`, `idle`. */
  look: string;
  /** Crossings by one datagram, written beside the line from 2 on. */
  times: number;
  /** Drawn thicker. */
  current?: boolean;
}

/** The topology drawn, every direction of every link a line of its own. */
export class Picture {
  readonly element: SVGSVGElement;
  readonly #run: Run;
  readonly #lines: (SVGPathElement | undefined)[];
  readonly #labels: (SVGTextElement | undefined)[];
  readonly #nodes = new Map<number, SVGGElement>();
  readonly #flying = s('g', { class: 'flying' });

  /** @param describedBy id of the same in text */
  constructor(run: Run, describedBy: string) {
    this.#run = run;
    const { drawing, directions, nodes } = run.data;
    const numberOf = new Map(nodes.map(({ name }, number) => [name, number]));
    this.#lines = directions.map(({ name, kind }) => {
      const d = drawing.paths[name];
      if (d === undefined) return undefined;
      return s('path', { d, class: `line ${kind}`, 'data-link': name }, s('title', {}, name));
    });
    this.#labels = this.#lines.map((line, number) =>
      line === undefined || directions[number]!.kind === 'edge'
        ? undefined
        : s('text', { class: 'times', 'aria-hidden': true }),
    );
    const group = (name: string, ...children: SVGElement[]) => {
      const number = numberOf.get(name)!;
      const { kind, role = '', words } = nodes[number]!;
      const element = s('g', { class: `node ${kind} ${role}` }, s('title', {}, `${name}: ${words}`), ...children);
      this.#nodes.set(number, element);
      return element;
    };
    const boxes = drawing.boxes.map(({ node, title, x, y, width, height, round }) => {
      const frame = { x, y, width, height, rx: round ? height / 2 : 6 };
      const middle = { x: x + width / 2, y: y + (round ? height / 2 : 13), class: 'name' };
      return group(
        node,
        s('rect', { ...frame, class: 'frame' }),
        ...(round || height <= HEADER ? [] : [s('path', { d: `M${x} ${y + HEADER}h${width}`, class: 'rule' })]),
        s('text', middle, title),
      );
    });
    const hosts = drawing.hosts.map(({ node, x, y, width, height }) =>
      group(
        node,
        s('rect', { x, y, width, height, rx: 5, class: 'frame' }),
        s('text', { x: x + width / 2, y: y + height / 2, class: 'name' }, node),
      ),
    );
    this.element = s(
      'svg',
      {
        viewBox: `0 0 ${drawing.width} ${drawing.height}`,
        role: 'img',
        'aria-label': `The network ${run.data.result.topology}`,
        'aria-describedby': describedBy,
        class: 'picture',
      },
      ...boxes,
      // Lines to hosts in lower rows pass behind those to the rows above.
      ...this.#lines.filter((line) => line !== undefined).reverse(),
      ...hosts,
      ...this.#labels.filter((label) => label !== undefined),
      this.#flying,
    );
    this.element.style.maxWidth = `${Math.max(320, drawing.width * 1.25)}px`;
  }

  /** Puts the numbers beside their lines: the picture must be on the page. */
  settle(): void {
    for (const [number, label] of this.#labels.entries()) {
      const line = this.#lines[number];
      if (!line || !label) continue;
      // A third of the way: the middle is where both directions are closest.
      const { x, y } = line.getPointAtLength(line.getTotalLength() * 0.35);
      label.setAttribute('x', String(x));
      label.setAttribute('y', String(y));
    }
  }

  show(number: number, { look, times, current }: Shown): void {
    const line = this.#lines[number];
    if (!line) return;
    const { kind } = this.#run.data.directions[number]!;
    line.setAttribute('class', `line ${kind} ${look}${current ? ' current' : ''}`);
    const label = this.#labels[number];
    if (label) label.textContent = times > 1 ? `×${times}` : '';
  }

  /** Colours all links by what crossed them in the whole run. */
  showLoads(loads: readonly Load[]): void {
    const most = Math.max(1, ...loads.map(({ bytes }) => bytes));
    for (const [number, load] of loads.entries()) {
      const shade = load.bytes === 0 ? 'idle' : `load-${Math.max(1, Math.ceil((load.bytes / most) * SHADES))}`;
      this.show(number, { look: lookOf(this.#run, number, load.most) ?? shade, times: load.most });
    }
    for (const node of this.#nodes.values()) node.classList.remove('sender', 'addressed', 'reached', 'missed');
    this.fly([]);
  }

  /** Marks what nodes are to the datagram that is looked at. */
  markNode(number: number, mark: 'sender' | 'addressed' | 'reached' | 'missed', on: boolean): void {
    this.#nodes.get(number)?.classList.toggle(mark, on);
  }

  /** Shows datagrams on their way: how far each is on its line, from 0 to 1. */
  fly(positions: readonly { direction: number; far: number; bad: boolean }[]): void {
    this.#flying.replaceChildren(
      ...positions.flatMap(({ direction, far, bad }) => {
        const line = this.#lines[direction];
        if (!line) return [];
        const { x, y } = line.getPointAtLength(line.getTotalLength() * far);
        return [s('circle', { cx: x, cy: y, r: 5, class: bad ? 'bad' : undefined })];
      }),
    );
  }
}

/**
 * The look of a direction that one datagram crossed more than once. On a trunk that is what the overlay is there to prevent; on an edge a
 * relay sends a copy for each target of its zone. `undefined` for once or never.
 */
export function lookOf(run: Run, direction: number, times: number): string | undefined {
  if (times < 2) return undefined;
  return run.data.directions[direction]!.kind === 'trunk' ? 'twice' : 'again';
}
