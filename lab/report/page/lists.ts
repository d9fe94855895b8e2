import type { PageData } from '../page-data.ts';
import { bytes, h, ms } from './dom.ts';
import type { Load, Run } from './run.ts';
import { Table } from './table.ts';

/** Every direction of every link: the picture in text. */
export function links(run: Run, loads: readonly Load[], look: (datagram: number) => void): HTMLElement {
  const { directions, payload } = run.data;
  const wasMeasured = directions.some(({ measured }) => measured !== undefined);
  const wasLookedAt = directions.every((direction) => direction.bytes === undefined);
  const stress = (row: number) => (payload > 0 ? loads[row]!.bytes / payload : 0);
  const crossings = {
    title: 'Datagrams crossed',
    text: (row: number) => String(loads[row]!.crossings),
    value: (row: number) => loads[row]!.crossings,
  };
  const mostByOne = {
    title: 'Most by one datagram',
    text: (row: number) => String(loads[row]!.most),
    value: (row: number) => loads[row]!.most,
    cell: (row: number) => {
      const { most, worst } = loads[row]!;
      if (most < 2) return document.createTextNode(String(most));
      return h('button', { type: 'button', class: 'choose', click: () => look(worst) }, `${most} times: show`);
    },
  };
  return new Table<number>({
    caption: 'Links: what crossed each direction',
    columns: [
      { title: 'Direction', text: (row) => directions[row]!.name },
      { title: 'Kind', text: (row) => directions[row]!.kind },
      { title: 'Declared', text: (row) => directions[row]!.words },
      ...(wasMeasured ? [{ title: 'Measured', text: (row: number) => directions[row]!.measured ?? '' }] : []),
      ...(wasLookedAt ? [crossings] : []),
      { title: 'Bytes', text: (row) => bytes(loads[row]!.bytes), value: (row) => loads[row]!.bytes },
      { title: 'Bytes a byte of payload', text: (row) => stress(row).toFixed(3), value: stress },
      ...(wasLookedAt ? [mostByOne] : []),
    ],
    rows: directions.map((_, row) => row),
    mark: (row) => (loads[row]!.most < 2 ? undefined : directions[row]!.kind === 'trunk' ? 'bad' : 'warn'),
  }).element;
}

/** Every datagram, to choose one from. */
export function datagrams(
  run: Run,
  repeats: Uint16Array,
  look: (datagram: number) => void,
  isShown: (datagram: number) => boolean,
): Table<number> {
  const { datagrams: columns, groups } = run.data;
  const worst = (row: number) => Math.max(0, ...run.deliveries(row).map(({ took }) => took));
  const to = (row: number) => {
    const group = groups[columns.group[row]!];
    const names = run
      .targets(row)
      .map((node) => run.node(node))
      .join(' ');
    return group === undefined ? names : `${group}: ${names}`;
  };
  return new Table<number>({
    caption: 'Datagrams: choose one to see its way',
    columns: [
      { title: 'Datagram', text: (row) => columns.id[row]! },
      { title: 'Sent', text: (row) => ms(run.at(row)), value: (row) => columns.at[row]! },
      { title: 'From', text: (row) => run.node(columns.from[row]!) },
      { title: 'To', text: to },
      { title: 'Message', text: (row) => run.message(row) },
      { title: 'Payload', text: (row) => bytes(columns.bytes[row]!), value: (row) => columns.bytes[row]! },
      { title: 'Hops', text: (row) => String(columns.hops[row]!), value: (row) => columns.hops[row]! },
      { title: 'On one trunk', text: (row) => `${repeats[row]!}×`, value: (row) => repeats[row]! },
      {
        title: 'Delivered',
        text: (row) => `${run.targets(row).length - run.missing(row).length} of ${run.targets(row).length}`,
        value: (row) => -run.missing(row).length,
      },
      { title: 'Slowest', text: (row) => ms(worst(row)), value: worst },
    ],
    rows: Array.from({ length: run.count }, (_, row) => row),
    choose: look,
    chosen: isShown,
    mark: (row) => (repeats[row]! > 1 || run.missing(row).length > 0 ? 'bad' : undefined),
  });
}

export function counters(run: Run): HTMLElement {
  const rows = run.data.counters;
  if (rows.length === 0) return h('p', {}, 'No node told what it counted.');
  return new Table<PageData['counters'][number]>({
    caption: 'Counters of nodes at the end; those at 0 are left out',
    columns: [
      { title: 'Node', text: ({ node }) => node },
      { title: 'Counter', text: ({ counter }) => counter },
      { title: 'Value', text: ({ value }) => String(value), value: ({ value }) => value },
    ],
    rows,
    mark: ({ counter }) => (/drop|refus|fail|lost|corrupt/i.test(counter) ? 'warn' : undefined),
  }).element;
}
