import { format } from './report.ts';
import type { Results, RowResult } from './result.ts';
import type { Unit } from './row.ts';

const WIDTH = 760;
const LABEL = 190;
const VALUE = 130;
const BAR = 18;
const GAP = 6;
const TOP = 36;
/** Around the whole, and between two rows. */
const MARGIN = 12;
const BETWEEN = 26;

/** Which way is good. */
const WISH: Partial<Record<Unit, string>> = {
  ms: ', less is better',
  bytes: ', less is better',
  'bit/s': ', more is better',
};

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The first figure of every row, one under the other, as SVG for light and dark pages. */
export function plot({ machine, rows }: Results): string {
  const { cpu, cores, kernel, node } = machine;
  let height = MARGIN + TOP;
  const groups: string[] = [];
  for (const row of rows) {
    const drawn = bars(row);
    if (!drawn) continue;
    groups.push(`<g transform="translate(0 ${height})">${drawn.svg}</g>`);
    height += drawn.height + BETWEEN;
  }
  const where = `${cores} × ${cpu}, Linux ${kernel}, Node.js ${node}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} 0 ${WIDTH + 2 * MARGIN} ${height}" role="img" font-family="sans-serif" font-size="12">
<title>Median of each contender of each row, with smallest and largest</title>
<style>.page { fill: #fff } text { fill: #222 } .note { fill: #666 } .ours { fill: #2f6ca8 } .peer { fill: #a9a9a9 } path { stroke: #222; fill: none } @media (prefers-color-scheme: dark) { .page { fill: #1b1b1b } text { fill: #ddd } .note { fill: #999 } .ours { fill: #6fa3d8 } .peer { fill: #777 } path { stroke: #ddd } }</style>
<rect class="page" x="${-MARGIN}" width="${WIDTH + 2 * MARGIN}" height="${height}"/>
<text class="note" x="0" y="${MARGIN + 8}">Median, with smallest and largest; grey: not ours. ${escaped(where)}</text>
${groups.join('\n')}
</svg>
`;
}

/** A figure of every contender as a bar (median) with its range (min to max). */
function bars({ name: row, units, contenders }: RowResult): { svg: string; height: number } | undefined {
  const [figure, unit] = Object.entries(units)[0]!;
  const shown = contenders.flatMap(({ name, peer, figures }) =>
    figures[figure] ? [{ name, peer, ...figures[figure] }] : [],
  );
  const longest = Math.max(...shown.map(({ max }) => max));
  if (!(longest > 0)) return undefined;
  const x = (value: number) => Math.round((value / longest) * (WIDTH - LABEL - VALUE));
  const drawn = shown.map(({ name, peer, median, min, max }, i) => {
    const y = 10 + i * (BAR + GAP);
    const middle = y + BAR / 2;
    return [
      `<text x="0" y="${middle + 4}">${escaped(name)}</text>`,
      `<rect class="${peer ? 'peer' : 'ours'}" x="${LABEL}" y="${y}" width="${Math.max(1, x(median))}" height="${BAR}"/>`,
      `<path d="M${LABEL + x(min)} ${middle}H${LABEL + x(max)}M${LABEL + x(min)} ${middle - 4}v8M${LABEL + x(max)} ${middle - 4}v8"/>`,
      `<text x="${LABEL + x(max) + 8}" y="${middle + 4}">${format(median, unit)}</text>`,
    ].join('');
  });
  return {
    svg: [
      `<text x="0" y="0" font-weight="bold">${escaped(`${row}: ${figure}`)}<tspan class="note" font-weight="normal">${WISH[unit] ?? ''}</tspan></text>`,
      ...drawn,
    ].join('\n'),
    height: 10 + shown.length * (BAR + GAP),
  };
}
