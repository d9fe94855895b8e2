import type { Reporter } from './reporter.ts';

/** One result.json a line. */
export function jsonReporter(): Reporter {
  return { start: () => '', result: (result) => `${JSON.stringify(result)}\n`, end: () => '' };
}
