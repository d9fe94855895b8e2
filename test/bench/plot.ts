import { type Measured, spread } from './measure.ts';
import { format } from './report.ts';
import type { Row } from './row.ts';

const WIDTH = 720;
const LABEL = 180;
const VALUE = 150;
const BAR = 26;
const GAP = 10;
const TOP = 44;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A figure of every contender as a bar (median) with its range (min to max), as SVG for light and dark pages. */
export function plot(measured: Measured, figure: string, unit: Row['figures'][string]): string {
  const bars = [...measured.runs.keys()].flatMap((name) => {
    const values = spread(measured, name, figure);
    return values ? [{ name, ...values }] : [];
  });
  const longest = Math.max(...bars.map(({ max }) => max));
  const x = (value: number) => Math.round((value / longest) * (WIDTH - LABEL - VALUE));
  const height = TOP + bars.length * (BAR + GAP);
  const { name: row, work } = measured.row;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif" font-size="13">
<title>${escaped(`${row}, ${figure}: ${bars.map(({ name, median }) => `${name} ${format(median, unit)}`).join(', ')}`)}</title>
<style>text { fill: #222 } .bar { fill: #4878a8 } .range { stroke: #222 } @media (prefers-color-scheme: dark) { text { fill: #ddd } .bar { fill: #6fa3d8 } .range { stroke: #ddd } }</style>
<text x="0" y="18" font-weight="bold">${escaped(`${row}: ${figure}`)}</text>
<text x="0" y="34" font-size="11">${escaped(work)}; median, with smallest and largest</text>
${bars
  .map(({ name, median, min, max }, i) => {
    const y = TOP + i * (BAR + GAP);
    const middle = y + BAR / 2;
    return [
      `<text x="0" y="${middle + 5}">${escaped(name)}</text>`,
      `<rect class="bar" x="${LABEL}" y="${y}" width="${Math.max(1, x(median))}" height="${BAR}"/>`,
      `<path class="range" d="M${LABEL + x(min)} ${middle}H${LABEL + x(max)}M${LABEL + x(min)} ${middle - 5}v10M${LABEL + x(max)} ${middle - 5}v10"/>`,
      `<text x="${LABEL + x(max) + 8}" y="${middle + 5}">${format(median, unit)}</text>`,
    ].join('');
  })
  .join('\n')}
</svg>
`;
}
