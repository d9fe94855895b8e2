import { type PageEvent, type PageTransaction, TICKS } from '../page-data.ts';
import { h, legend, ms, s } from './dom.ts';
import type { Run } from './run.ts';
import { Table } from './table.ts';

const WIDTH = 1000;
const NAME = 90;
const LANE = 24;
/** Marks of the events that everybody looks for; others get a plain one. */
const MARKS: Record<string, string> = {
  proposed: 'begin',
  requested: 'begin',
  bid: 'bid',
  accepted: 'accept',
  transfer: 'accept',
  acked: 'good',
  stored: 'good',
  nacked: 'bad',
  failed: 'bad',
  'chunk-done': 'good',
  'chunk-got': 'good',
};

/** The puts and gets, chunk by chunk: who said what when, the reserved windows, and when the data went. */
export function chunks(run: Run, showWay: (transaction: number) => void): HTMLElement[] {
  const rows = run.data.chunks;
  if (rows.length === 0) return [h('p', {}, 'No object was put or got.')];
  const detail = h('div', { class: 'chunk' });
  let chosen: PageTransaction | undefined;
  const choose = (chunk: PageTransaction) => {
    chosen = chunk;
    table.refresh();
    detail.replaceChildren(...describe(run, chunk, showWay));
  };
  const duration = ({ events }: PageTransaction) => (events.at(-1)!.at - events[0]!.at) / TICKS;
  const count = (chunk: PageTransaction, name: string) => chunk.events.filter((event) => event.name === name).length;
  const rounds = (chunk: PageTransaction) => count(chunk, 'transfer');
  const table = new Table<PageTransaction>({
    caption: 'Transactions: one for each chunk that is put or got',
    columns: [
      { title: 'Began', text: ({ events }) => ms(events[0]!.at / TICKS), value: ({ events }) => events[0]!.at },
      { title: 'Kind', text: ({ kind }) => kind },
      { title: 'By', text: ({ from }) => run.node(from) },
      { title: 'Chunk', text: ({ hash }) => hash.slice(0, 12) },
      { title: 'Took', text: (chunk) => ms(duration(chunk)), value: duration },
      { title: 'Bids', text: (chunk) => String(count(chunk, 'bid')), value: (chunk) => count(chunk, 'bid') },
      { title: 'Transfers', text: (chunk) => String(rounds(chunk)), value: rounds },
      { title: 'Acks', text: (chunk) => String(count(chunk, 'acked')), value: (chunk) => count(chunk, 'acked') },
      { title: 'Nacks', text: (chunk) => String(count(chunk, 'nacked')), value: (chunk) => count(chunk, 'nacked') },
    ],
    rows,
    choose,
    chosen: (chunk) => chunk === chosen,
    mark: (chunk) => (count(chunk, 'nacked') > 0 || rounds(chunk) > 1 ? 'warn' : undefined),
  });
  choose(rows[0]!);
  return [table.element, detail];
}

function describe(run: Run, chunk: PageTransaction, showWay: (transaction: number) => void): HTMLElement[] {
  const { kind, hash, from } = chunk;
  const events = new Table<PageEvent>({
    caption: 'What was said about this chunk',
    columns: [
      { title: 'At', text: ({ at }) => `+${ms((at - chunk.events[0]!.at) / TICKS)}`, value: ({ at }) => at },
      { title: 'Node', text: ({ node }) => run.node(node) },
      { title: 'Event', text: ({ name }) => name },
      { title: 'Details', text: ({ words }) => words },
    ],
    rows: chunk.events,
    mark: ({ name }) => (MARKS[name] === 'bad' ? 'bad' : undefined),
  });
  return [
    h('h3', {}, `${kind} of ${hash.slice(0, 12)} by ${run.node(from)}`),
    legend(
      ['dot began', 'proposed, accepted, transfer'],
      ['dot bid', 'bid'],
      ['load-1', 'window that a target offered'],
      ['good', 'window that was accepted'],
      ['data', 'data sent or arriving'],
      ['dot good', 'stored, acknowledged'],
      ['dot nack', 'refused'],
    ),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Timeline of the chunk' },
      picture(run, chunk),
    ),
    h(
      'p',
      {},
      h('button', { type: 'button', click: () => showWay(chunk.transaction) }, 'Show its way through the network'),
    ),
    events.element,
  ];
}

/** A lane for each node: what it said, the window that it offered or was given, and when data came to it. */
function picture(run: Run, { events, transaction, kind, from: initiator }: PageTransaction): SVGElement {
  const rows = run.ofTransaction(transaction);
  const { at, kind: kinds } = run.data.datagrams;
  const data = rows.filter((row) => /Data/.test(run.data.kinds[kinds[row]!] ?? ''));
  const begin = Math.min(events[0]!.at, ...rows.map((row) => at[row]!));
  const arrivals = new Map<number, { first: number; last: number; count: number }>();
  const note = (node: number, time: number) => {
    const known = arrivals.get(node);
    if (!known) arrivals.set(node, { first: time, last: time, count: 1 });
    else
      Object.assign(known, {
        first: Math.min(known.first, time),
        last: Math.max(known.last, time),
        count: known.count + 1,
      });
  };
  for (const row of data) for (const { node, took } of run.deliveries(row)) note(node, at[row]! + took * TICKS);
  const windowEnd = Math.max(0, ...events.map(({ at: time, window }) => time + (window?.[1] ?? 0)));
  const lastHeard = Math.max(...events.map((event) => event.at), ...[...arrivals.values()].map(({ last }) => last));
  // A window far longer than anything that happened would press all that into a corner.
  const end = Math.max(lastHeard, Math.min(windowEnd, begin + (lastHeard - begin) * 1.5)) + 1;
  const nodes = [...new Set([initiator, ...events.map(({ node }) => node), ...arrivals.keys()])];
  const x = (ticks: number) => NAME + Math.min(1, Math.max(0, (ticks - begin) / (end - begin))) * (WIDTH - NAME - 12);
  const height = nodes.length * LANE + 26;
  const span = (from: number, to: number, y: number, size: number, look: string, title: string) =>
    s(
      'rect',
      { x: x(from), y, width: Math.max(2, x(to) - x(from)), height: size, rx: 2, class: look },
      s('title', {}, title),
    );
  const lanes = nodes.map((node, index) => {
    const top = index * LANE;
    const own = events.filter((event) => event.node === node);
    const arrived = arrivals.get(node);
    const sent = node === initiator && kind === 'put' ? data.map((row) => at[row]!) : [];
    return s(
      'g',
      {},
      s('path', { d: `M0 ${top + LANE}h${WIDTH}`, class: 'grid' }),
      s('text', { x: 4, y: top + LANE / 2, class: 'label strong' }, run.node(node)),
      ...own.flatMap(({ at: time, window, name, words }) =>
        window
          ? [span(time + window[0], time + window[1], top + 4, LANE - 8, `window ${name}`, `${name}: ${words}`)]
          : [],
      ),
      arrived &&
        span(arrived.first, arrived.last, top + LANE - 8, 5, 'data', `${arrived.count} datagrams of data arrived`),
      sent.length > 0 &&
        span(Math.min(...sent), Math.max(...sent), top + LANE - 8, 5, 'data', `${sent.length} datagrams of data sent`),
      ...own.map(({ at: time, name, words }) =>
        s(
          'circle',
          { cx: x(time), cy: top + LANE / 2 - 1, r: 4, class: `mark ${MARKS[name] ?? 'other'}` },
          s('title', {}, `+${ms((time - begin) / TICKS)} ${name}: ${words}`),
        ),
      ),
    );
  });
  return s(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-label': 'Who said what when; the table below says the same',
      class: 'timeline',
    },
    ...lanes,
    s('text', { x: NAME, y: height - 8, class: 'tick' }, '0'),
    s('text', { x: WIDTH, y: height - 8, class: 'tick', 'text-anchor': 'end' }, `+${ms((end - begin) / TICKS)}`),
  );
}
