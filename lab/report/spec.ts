import picocolors from 'picocolors';
import type { Reporter } from './reporter.ts';
import type { Point, RunResult } from './result.ts';

const marks = {
  pass: picocolors.green('✓'),
  fail: picocolors.red('✗'),
  inconclusive: picocolors.yellow('?'),
  unsupported: picocolors.yellow('–'),
};

function pointLines(point: Point): string {
  const details = point.outcome === 'pass' ? [] : (point.details ?? []);
  const text = `  ${marks[point.outcome]} ${point.title} ${picocolors.dim(`(${point.summary})`)}\n`;
  return text + details.map((line) => `      ${line}\n`).join('');
}

/** For people: a paragraph a topology, and a table at the end. */
export function specReporter(): Reporter {
  return {
    start: () => '',
    result: (result) =>
      `${marks[result.outcome]} ${picocolors.bold(result.topology)} ${picocolors.dim(`${(result.took.total / 1000).toFixed(2)} s, ${result.folder}`)}\n${result.points.map(pointLines).join('')}\n`,
    end: summaryTable,
  };
}

/** Topologies, outcome, figures, time: failures first, because those are what one looks for. */
export function summaryTable(results: readonly RunResult[]): string {
  const order = { fail: 0, inconclusive: 1, unsupported: 2, pass: 3 };
  const rows = [...results]
    .sort((a, b) => order[a.outcome] - order[b.outcome])
    .map((result) => [
      result.topology,
      result.outcome,
      String(result.figures.puts),
      String(result.figures.datagrams),
      String(result.figures.trunkStress),
      `${(result.took.total / 1000).toFixed(2)} s`,
    ]);
  const header = ['topology', 'outcome', 'puts', 'datagrams', 'worst trunk stress', 'time'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return `${[header, ...rows].map(line).join('\n')}\n`;
}
