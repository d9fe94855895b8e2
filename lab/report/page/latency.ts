import { quantile } from '../../verdict/quantile.ts';
import { TICKS } from '../page-data.ts';
import { h, legend, ms, s } from './dom.ts';
import type { Run } from './run.ts';
import { Table } from './table.ts';

/** One-way times of deliveries that have something in common, ascending; ms. */
interface Sample {
  name: string;
  phase: string;
  took: Float64Array;
  floor: Float64Array;
  /** Of each delivery what it took beyond its own floor. */
  over: Float64Array;
}

const CHART = { width: 420, height: 190, left: 34, right: 8, top: 8, bottom: 26 } as const;
/** Points of a curve: more than a screen has in that width say nothing. */
const POINTS = 160;

/** How long deliveries took against what the topology makes them take at least: by group and phase, drawn and in numbers. */
export function latency(run: Run): HTMLElement[] {
  const samples = samplesOf(run);
  if (samples.length === 0) return [h('p', {}, 'Nothing was delivered over a path that the ledger knows.')];
  const at = (values: Float64Array, q: number) => ({
    text: ms(quantile(values, q)),
    value: quantile(values, q),
  });
  const column = (title: string, of: (sample: Sample) => { text: string; value: number }) => ({
    title,
    text: (sample: Sample) => of(sample).text,
    value: (sample: Sample) => of(sample).value,
  });
  const table = new Table<Sample>({
    caption: 'One-way times by group and phase',
    columns: [
      { title: 'Sent to', text: ({ name }) => name },
      { title: 'Phase', text: ({ phase }) => phase },
      { title: 'Deliveries', text: ({ took }) => String(took.length), value: ({ took }) => took.length },
      column('Floor p50', ({ floor }) => at(floor, 0.5)),
      column('p50', ({ took }) => at(took, 0.5)),
      column('p90', ({ took }) => at(took, 0.9)),
      column('p99', ({ took }) => at(took, 0.99)),
      column('Worst', ({ took }) => at(took, 1)),
      column('Over floor p50', ({ over }) => at(over, 0.5)),
      column('Over floor p99', ({ over }) => at(over, 0.99)),
    ],
    rows: samples,
  });
  const drawn = [...samples].sort((a, b) => b.took.length - a.took.length).slice(0, 12);
  const colours = legend(
    ['curve', 'share of deliveries that took no longer'],
    ['floor', 'the floor: what the links alone take'],
  );
  return [colours, h('div', { class: 'charts' }, ...drawn.map(chart)), table.element];
}

function samplesOf(run: Run): Sample[] {
  const { datagrams, groups, phases } = run.data;
  const lists = new Map<string, { name: string; phase: string; took: number[]; floor: number[] }>();
  for (let row = 0; row < run.count; row++) {
    const group = groups[datagrams.group[row]!];
    const name = group === undefined ? 'one host' : `group ${group}`;
    const phase =
      phases.findLast(({ from }) => from <= datagrams.at[row]!)?.name ?? (phases.length > 0 ? 'before' : 'all');
    const key = `${name}\n${phase}`;
    const list = lists.get(key) ?? { name, phase, took: [], floor: [] };
    lists.set(key, list);
    for (const { took, floor } of run.deliveries(row)) {
      if (floor === undefined) continue;
      list.took.push(took);
      list.floor.push(floor);
    }
  }
  const sorted = (values: readonly number[]) => Float64Array.from(values).sort();
  return [...lists.values()]
    .filter(({ took }) => took.length > 0)
    .map(({ name, phase, took, floor }) => ({
      name,
      phase,
      took: sorted(took),
      floor: sorted(floor),
      over: sorted(took.map((value, i) => value - floor[i]!)),
    }));
}

/** Share of deliveries that took no longer, over a logarithmic axis of ms. */
function chart({ name, phase, took, floor }: Sample): HTMLElement {
  const least = Math.max(1 / TICKS, Math.min(quantile(floor, 0.01), quantile(took, 0)));
  const [from, to] = [
    Math.floor(Math.log10(least)),
    Math.max(Math.ceil(Math.log10(quantile(took, 1))), Math.floor(Math.log10(least)) + 1),
  ];
  const width = CHART.width - CHART.left - CHART.right;
  const height = CHART.height - CHART.top - CHART.bottom;
  const x = (value: number) => CHART.left + ((Math.log10(Math.max(value, 10 ** from)) - from) / (to - from)) * width;
  const y = (share: number) => CHART.top + (1 - share) * height;
  const line = (values: Float64Array) => {
    let path = `M${x(values[0]!).toFixed(1)} ${y(0)}`;
    for (let i = 1; i <= POINTS; i++)
      path += `H${x(quantile(values, i / POINTS)).toFixed(1)}V${y(i / POINTS).toFixed(1)}`;
    return `${path}H${CHART.width - CHART.right}`;
  };
  const decades = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const title = `${name}${phase === 'all' ? '' : `, phase ${phase}`}`;
  const summary = `${title}: half of ${took.length} deliveries took ${ms(quantile(took, 0.5))} at most, 99% ${ms(quantile(took, 0.99))}; the floor is ${ms(quantile(floor, 0.5))}`;
  return h(
    'figure',
    {},
    h('figcaption', {}, title),
    s(
      'svg',
      { viewBox: `0 0 ${CHART.width} ${CHART.height}`, role: 'img', 'aria-label': summary, class: 'chart' },
      ...decades.flatMap((decade) => [
        s('path', { class: 'grid', d: `M${x(10 ** decade)} ${CHART.top}v${height}` }),
        s(
          'text',
          { class: 'tick', x: x(10 ** decade), y: CHART.height - 8, 'text-anchor': decade === to ? 'end' : 'middle' },
          decade === to ? `${10 ** decade} ms` : `${Number((10 ** decade).toFixed(4))}`,
        ),
      ]),
      ...[0, 0.5, 0.99].flatMap((share) => [
        s('path', { class: 'grid', d: `M${CHART.left} ${y(share)}h${width}` }),
        s(
          'text',
          { class: 'tick', x: CHART.left - 5, y: y(share) + (share > 0.9 ? 7 : 3), 'text-anchor': 'end' },
          `${share * 100}%`,
        ),
      ]),
      s('path', { class: 'curve floor', d: line(floor) }),
      s('path', { class: 'curve', d: line(took) }),
    ),
  );
}
