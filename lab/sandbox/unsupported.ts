/** Exit code of a program that this machine cannot run: what automake and TAP harnesses read as "skipped". */
export const EXIT_UNSUPPORTED = 77;

/** The machine lacks something that the lab needs. The program prints it and exits with 77. */
export class UnsupportedError extends Error {
  override name = 'UnsupportedError';
  readonly exitCode = EXIT_UNSUPPORTED;
  /** The command that mends it, where there is one. */
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(remedy === undefined ? reason : `${reason}\n  to mend it: ${remedy}`);
    this.remedy = remedy;
  }
}
