import { jsonReporter } from './json.ts';
import { junitReporter } from './junit.ts';
import type { Reporter } from './reporter.ts';
import { specReporter } from './spec.ts';
import { tapReporter } from './tap.ts';

export { type Compared, difference } from './difference.ts';
export { junitDocument } from './junit.ts';
export { REPORT_FILE, writeReport } from './page-file.ts';
export type { Reporter } from './reporter.ts';
export {
  exitCodeOf,
  exitCodes,
  type Figures,
  outcomeOf,
  type Point,
  type PointExhibit,
  type RunResult,
  resultSchema,
  runResult,
} from './result.ts';
export { summaryTable } from './summary.ts';
export { alignedTable } from './table.ts';

/** By the name that `--reporter` takes. */
export const reporters: Record<string, () => Reporter> = {
  tap: tapReporter,
  spec: specReporter,
  junit: junitReporter,
  json: jsonReporter,
};
