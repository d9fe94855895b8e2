import { formatRate } from '../../lab/topology/index.ts';
import { type Measured, type Spread, spread } from './measure.ts';
import type { Row } from './row.ts';

type Unit = Row['figures'][string];

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
      return formatRate(Math.round(value / 1e6) * 1e6);
    case 'ratio':
      return value.toFixed(3);
  }
}

/** One row as lines of text: each contender's figures against the first one's, then the goals. */
export function table(measured: Measured): string[] {
  const { row, missing } = measured;
  const names = [...measured.runs.keys()];
  const lines = [['', ...Object.keys(row.figures).flatMap((figure) => [figure, 'min', 'max', 'ratio'])]];
  for (const name of names) {
    const cells = Object.entries(row.figures).flatMap(([figure, unit]) => {
      const own = spread(measured, name, figure);
      const first = spread(measured, names[0]!, figure);
      if (!own) return ['', '', '', ''];
      const times = first ? `${(own.median / first.median).toFixed(2)} ×` : '';
      return [format(own.median, unit), format(own.min, unit), format(own.max, unit), times];
    });
    lines.push([name, ...cells]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return [
    `${row.name}: ${row.work}`,
    ...lines.map(
      (line) =>
        `  ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`,
    ),
    ...goals(measured).map(({ text, value, reached }) => `  ${reached ? 'reached' : 'MISSED '}  ${text}: ${value}`),
    ...missing.map(({ contender, package: name }) => `  left out: ${contender}, which Debian's package ${name} brings`),
  ];
}

export function goals(measured: Measured): { text: string; value: string; reached: boolean }[] {
  const median = (contender: string, figure: string) => spread(measured, contender, figure)?.median;
  return measured.row.goals.flatMap(({ text, judge }) => {
    const judged = judge(median);
    return judged ? [{ text, ...judged }] : [];
  });
}

/** A row for a program to read. */
export function toJson(measured: Measured): unknown {
  const { row, runs, missing } = measured;
  const figures = (name: string): Record<string, Spread | undefined> =>
    Object.fromEntries(Object.keys(row.figures).map((figure) => [figure, spread(measured, name, figure)]));
  return {
    name: row.name,
    work: row.work,
    units: row.figures,
    contenders: [...runs].map(([name, all]) => ({ name, rounds: all.length, ...figures(name), runs: all })),
    goals: goals(measured),
    missing,
  };
}
