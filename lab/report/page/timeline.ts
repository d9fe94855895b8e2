import type { PageStep } from '../page-data.ts';
import { TICKS } from '../page-data.ts';
import { h, legend, ms, s } from './dom.ts';
import type { Run } from './run.ts';
import { Table } from './table.ts';

const WIDTH = 1000;
const LANE = 20;
const RATE = 46;
const BINS = 250;
/** Steps that change the network or its nodes. */
const FAULTS = new Set(['down', 'up', 'flap', 'impair', 'kill', 'pause', 'resume', 'restart', 'partition', 'heal']);

/** What the scenario did and when, over how many datagrams were sent, and which of them somebody missed. */
export function timeline(run: Run): HTMLElement[] {
  const { steps, phases, end } = run.data;
  if (steps.length === 0) return [h('p', {}, 'The scenario has no steps.')];
  const x = (ticks: number) => (ticks / Math.max(1, end)) * WIDTH;
  const lanes = laneOf(steps);
  const top = phases.length > 0 ? 22 : 4;
  const rateTop = top + (Math.max(...lanes) + 1) * LANE + 10;
  const height = rateTop + RATE + 22;
  const bars = steps.map((step, index) => {
    const width = Math.max(4, x(step.to) - x(step.from));
    const y = top + lanes[index]! * LANE;
    const left = Math.min(x(step.from), WIDTH - width);
    const atEnd = left > WIDTH * 0.7;
    const look = step.error === undefined ? (FAULTS.has(step.kind) ? 'fault' : 'step') : 'failed';
    return s(
      'g',
      {},
      s('title', {}, `${ms(step.from / TICKS)}: ${step.title}`),
      s('rect', { x: left, y: y + 3, width, height: LANE - 6, rx: 3, class: look }),
      s(
        'text',
        {
          x: atEnd ? left - 4 : left + width + 4,
          y: y + LANE / 2,
          'text-anchor': atEnd ? 'end' : 'start',
          class: 'label',
        },
        step.kind,
      ),
    );
  });
  const picture = s(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-label': 'The scenario over time; the table below says the same',
      class: 'timeline',
    },
    ...phases.map(({ name, from }, index) => {
      const until = phases[index + 1]?.from ?? end;
      return s(
        'g',
        {},
        s('rect', {
          x: x(from),
          y: 0,
          width: Math.max(0, x(until) - x(from)),
          height,
          class: `phase ${index % 2 === 0 ? 'even' : 'odd'}`,
        }),
        s('text', { x: x(from) + 4, y: 11, class: 'label strong' }, name),
      );
    }),
    ...bars,
    ...rates(run, rateTop, x),
    s('text', { x: 0, y: height - 6, class: 'tick' }, '0'),
    s('text', { x: WIDTH, y: height - 6, class: 'tick', 'text-anchor': 'end' }, ms(end / TICKS)),
  );
  const table = new Table<PageStep>({
    caption: 'Steps of the scenario',
    columns: [
      { title: 'From', text: ({ from }) => ms(from / TICKS), value: ({ from }) => from },
      { title: 'Took', text: ({ from, to }) => ms((to - from) / TICKS), value: ({ from, to }) => to - from },
      { title: 'Kind', text: ({ kind }) => kind },
      { title: 'Step', text: ({ title, error }) => (error === undefined ? title : `${title}: ${error}`) },
    ],
    rows: steps,
    mark: ({ error, kind }) => (error !== undefined ? 'bad' : FAULTS.has(kind) ? 'warn' : undefined),
  });
  const colours = legend(
    ['sent', 'steps, and datagrams sent'],
    ['fault', 'faults and repairs'],
    ['missed', 'failed steps, and datagrams that somebody missed'],
  );
  return [
    colours,
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Timeline' }, picture),
    table.element,
  ];
}

/** The highest lane that is free for each step, with room for its name. */
function laneOf(steps: readonly PageStep[]): number[] {
  const end = Math.max(1, ...steps.map(({ to }) => to));
  const busy: number[] = [];
  return steps.map(({ from, to }) => {
    const found = busy.findIndex((until) => until <= from);
    const lane = found === -1 ? busy.length : found;
    busy[lane] = Math.max(to, from) + end * 0.07;
    return lane;
  });
}

/** Datagrams sent, and of them those that did not reach everybody. */
function rates(run: Run, top: number, x: (ticks: number) => number): SVGElement[] {
  const { end, datagrams } = run.data;
  const sent = new Uint32Array(BINS);
  const missed = new Uint32Array(BINS);
  for (let row = 0; row < run.count; row++) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((datagrams.at[row]! / Math.max(1, end)) * BINS)));
    sent[bin]!++;
    if (run.missing(row).length > 0) missed[bin]!++;
  }
  const most = Math.max(1, ...sent);
  const bars = (counts: Uint32Array, look: string) => {
    let path = '';
    for (const [bin, count] of counts.entries()) {
      if (count === 0) continue;
      const height = Math.max(1, (count / most) * RATE);
      path += `M${x((bin / BINS) * end).toFixed(1)} ${top + RATE}v-${height.toFixed(1)}h${WIDTH / BINS - 0.6}v${height.toFixed(1)}z`;
    }
    return s('path', { d: path, class: look });
  };
  return [s('path', { d: `M0 ${top + RATE}h${WIDTH}`, class: 'grid' }), bars(sent, 'sent'), bars(missed, 'missed')];
}
