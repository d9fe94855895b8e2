import picocolors from 'picocolors';
import type { Reporter } from './reporter.ts';
import type { Point } from './result.ts';
import { summaryTable } from './summary.ts';

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
