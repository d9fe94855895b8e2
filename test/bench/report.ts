import { type Measured, spread } from './measure.ts';
import type { ContenderResult, ProfileResult, RowResult, Spread } from './result.ts';
import type { Unit } from './row.ts';

export function format(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return value < 10
        ? `${value.toFixed(3)} ms`
        : value < 1000
          ? `${value.toFixed(1)} ms`
          : `${(value / 1000).toFixed(2)} s`;
    case 'bytes':
      return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
    case 'bit/s':
      return value < 1e9 ? `${(value / 1e6).toFixed(0)} Mbit/s` : `${(value / 1e9).toFixed(2)} Gbit/s`;
    case 'ratio':
      return value.toFixed(3);
  }
}

/** What came of a row: medians, goals judged, and every run. @param measuredAt ISO 8601 */
export function summarise(measured: Measured, measuredAt: string): RowResult {
  const { row, runs, missing } = measured;
  const contenders = row.contenders.flatMap(({ name, peer = false }): ContenderResult[] => {
    const own = runs.get(name);
    if (!own) return [];
    const figures: Record<string, Spread> = {};
    for (const figure of Object.keys(row.figures)) {
      const found = spread(measured, name, figure);
      if (found) figures[figure] = found;
    }
    return [{ name, peer, figures, runs: own }];
  });
  const median = (contender: string, figure: string) => spread(measured, contender, figure)?.median;
  const goals = row.goals.flatMap(({ text, judge }) => {
    const judged = judge(median);
    return judged ? [{ text, ...judged }] : [];
  });
  return { name: row.name, work: row.work, measuredAt, units: row.figures, contenders, goals, missing };
}

/** One row as lines of text: each contender's figures against the first one's, then the goals. */
export function table({ name: row, work, units, contenders, goals, missing }: RowResult): string[] {
  const lines = [['', ...Object.keys(units).flatMap((figure) => [figure, 'min', 'max', 'ratio'])]];
  const first = contenders[0]?.figures;
  for (const { name, figures } of contenders) {
    const cells = Object.entries(units).flatMap(([figure, unit]) => {
      const own = figures[figure];
      if (!own) return ['', '', '', ''];
      const times = first?.[figure]?.median ? `${(own.median / first[figure].median).toFixed(2)} ×` : '';
      return [format(own.median, unit), format(own.min, unit), format(own.max, unit), times];
    });
    lines.push([name, ...cells]);
  }
  return [
    `${row}: ${work}`,
    ...aligned(lines),
    ...goals.map(({ text, value, reached }) => `  ${reached ? 'reached' : 'MISSED '}  ${text}: ${value}`),
    ...missing.map(({ contender, package: name }) => `  left out: ${contender}, which Debian's package ${name} brings`),
  ];
}

/** A profile as lines of text. */
export function profileTable(profile: ProfileResult): string[] {
  const { name, work, columns, lines, notes } = profile;
  return [
    `${name}: ${work}`,
    ...aligned([['', ...columns], ...lines.map(({ part, values }) => [part, ...cellsOf(profile, values)])]),
    ...notes.map((note) => `  ${note}`),
  ];
}

/** The values of a line of a profile as text: percent, or whole bytes. */
export function cellsOf({ unit }: Pick<ProfileResult, 'unit'>, values: readonly (number | null)[]): string[] {
  return values.map((value) => {
    if (value === null) return '';
    return unit === 'share' ? `${(value * 100).toFixed(1)}%` : value.toFixed(value < 10 ? 1 : 0);
  });
}

function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map(
    (line) => `  ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`,
  );
}
