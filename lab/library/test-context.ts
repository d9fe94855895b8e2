/**
 * What a lab needs of a test: that of `tap` and that of `node:test` have it. A lab ends with its test.
 */
export interface TestContext {
  /** tap */
  teardown?(action: () => Promise<void>): unknown;
  /** node:test */
  after?(action: () => Promise<void>): unknown;
  /** tap */
  pass?(message: string): unknown;
  /** tap */
  comment?(message: string): unknown;
  /** node:test; in tap something else has that name. */
  diagnostic?: ((message: string) => unknown) | boolean | null;
}

/** @throws TypeError unless it is the `t` of a test. */
export function checkContext(test: TestContext): void {
  if (!test.teardown && !test.after) {
    throw new TypeError('lab wants the t of a test, of tap or of node:test, as its first argument');
  }
}

/** Does something when the test ends. */
export function atEnd(test: TestContext, action: () => Promise<void>): void {
  if (test.teardown) test.teardown(action);
  else test.after?.(action);
}

/** Says something that is no result. */
export function remark(test: TestContext, message: string): void {
  if (test.comment) test.comment(message);
  else if (typeof test.diagnostic === 'function') test.diagnostic(message);
}
