import { stringify } from 'yaml';
import type { Reporter } from './reporter.ts';
import type { Point, RunResult } from './result.ts';

/** `#` and `\` mean something in a TAP description, and a line break ends it (TAP 14, "Test Points"). */
const escapeText = (text: string) => text.replace(/[\\#]/g, '\\$&').replace(/\s*\n\s*/g, ' ');

const indent = (text: string) => text.replace(/^(?=.)/gm, '    ');

function diagnostics(point: Point): string {
  const value = { summary: point.summary, ...(point.details && { details: point.details }) };
  return indent(`---\n${stringify(value, { lineWidth: 0 })}...\n`).replace(/^ {4}/gm, '  ');
}

function pointLines(point: Point, number: number): string {
  const ok = point.outcome === 'pass' ? 'ok' : 'not ok';
  // A point that could not be measured is no failure, but must not look like a pass either.
  const directive = point.outcome === 'inconclusive' ? ` # TODO inconclusive: ${escapeText(point.summary)}` : '';
  const title = `${ok} ${number} - ${escapeText(point.title)}`;
  return point.outcome === 'pass'
    ? `${title} (${escapeText(point.summary)})\n`
    : `${title}${directive}\n${diagnostics(point)}`;
}

/** TAP version 14: one subtest a topology, one test point a stage, step or expectation. */
export function tapReporter(): Reporter {
  let number = 0;
  return {
    start: (runs) => `TAP version 14\n1..${runs}\n`,
    result(result: RunResult) {
      number++;
      const title = `${number} - ${escapeText(result.topology)}`;
      if (result.outcome === 'unsupported') {
        // Nothing was tried, so there are no points; the reason goes where a harness shows reasons.
        const [point] = result.points;
        return `ok ${title} # SKIP ${escapeText(point?.summary ?? '')}\n${point ? diagnostics(point) : ''}`;
      }
      const points = result.points.map((point, index) => pointLines(point, index + 1)).join('');
      const subtest = indent(`${points}1..${result.points.length}\n`);
      const ok = result.outcome === 'pass' ? 'ok' : 'not ok';
      const directive = result.outcome === 'inconclusive' ? ' # TODO inconclusive' : '';
      const where = `(${(result.took.total / 1000).toFixed(2)} s, down in ${(result.took.teardown / 1000).toFixed(2)} s, evidence in ${escapeText(result.folder)})`;
      return `# Subtest: ${result.topology}\n${subtest}${ok} ${title} ${where}${directive}\n`;
    },
    end: () => '',
  };
}
