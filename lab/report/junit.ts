import type { Reporter } from './reporter.ts';
import type { Point, RunResult } from './result.ts';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Also drops control characters, which XML 1.0 cannot hold at all. */
const xml = (text: string) => text.replace(/[&<>"]/g, (c) => entities[c]!).replace(/[^\P{Cc}\t\n\r]/gu, '');

function testCase(point: Point, suite: string): string {
  const open = `    <testcase classname="${xml(suite)}" name="${xml(point.title)}"`;
  if (point.outcome === 'pass') return `${open}/>\n`;
  const body =
    point.outcome === 'fail'
      ? `      <failure message="${xml(point.summary)}">${xml((point.details ?? []).join('\n'))}</failure>\n`
      : `      <skipped message="inconclusive: ${xml(point.summary)}"/>\n`;
  return `${open}>\n${body}    </testcase>\n`;
}

/** One `testsuite` element: also what a run folder's junit.xml holds. */
export function junitSuite(result: RunResult): string {
  const count = (outcome: Point['outcome']) => result.points.filter((point) => point.outcome === outcome).length;
  return (
    `  <testsuite name="${xml(result.topology)}" tests="${result.points.length}" failures="${count('fail')}" ` +
    `skipped="${count('inconclusive')}" time="${(result.took.total / 1000).toFixed(3)}" timestamp="${result.startedAt}">\n` +
    `${result.points.map((point) => testCase(point, result.topology)).join('')}  </testsuite>\n`
  );
}

/** A whole JUnit document. */
export function junitDocument(results: readonly RunResult[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${results.map(junitSuite).join('')}</testsuites>\n`;
}

/** XML in the form that CI servers read; nothing can be said before the end. */
export function junitReporter(): Reporter {
  return { start: () => '', result: () => '', end: junitDocument };
}
