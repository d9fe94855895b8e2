/**
 * What is wrong with something a person wrote: one line that says what, where and what to do.
 */
export interface Problem {
  /** What is wrong and what to do about it, without the place. */
  message: string;
  /** The file as the person named it. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
}

/** `file:line:column: message`, as compilers print it, so that editors jump there. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return place === '' ? problem.message : `${place}: ${problem.message}`;
}

/** Bad input. A program that meets it prints `message` (one line a problem) and exits with 2. */
export class InputError extends Error {
  override name = 'InputError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[] | string) {
    const list = typeof problems === 'string' ? [{ message: problems }] : problems;
    super(list.map(formatProblem).join('\n'));
    this.problems = list;
  }
}
