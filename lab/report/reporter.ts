import type { RunResult } from './result.ts';

/** Turns results into text, each as it comes; the order is the order of the command line. */
export interface Reporter {
  start(runs: number): string;
  result(result: RunResult): string;
  end(results: readonly RunResult[]): string;
}
