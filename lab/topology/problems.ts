import { InputError, type Path, type Problem, type SourceDocument } from '../../src/document/index.ts';

/** Collects what is wrong with a document, so that a person sees all of it at once. */
export class Problems {
  readonly #document: SourceDocument;
  readonly #found: Problem[] = [];

  constructor(document: SourceDocument) {
    this.#document = document;
  }

  /** Something is wrong with the value that `path` leads to. */
  at(path: Path, message: string): void {
    this.#add(this.#document.problem(path, message));
  }

  /** Something is wrong with the key that `path` leads to: the name of what is declared there. */
  atKey(path: Path, message: string): void {
    this.#add(this.#document.problem(path, message, true));
  }

  /** The 1-based line of a value, or of its key. */
  line(path: Path, ofKey = false): number {
    return this.#document.line(path, ofKey);
  }

  /** @throws InputError when anything was found. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const place = (p: Problem) => (p.line ?? 0) * 1e6 + (p.column ?? 0);
    throw new InputError(this.#found.sort((a, b) => place(a) - place(b)));
  }

  #add(problem: Problem): void {
    // A default that does not fit would otherwise be reported once for each link that takes it.
    const same = (other: Problem) =>
      other.message === problem.message && other.line === problem.line && other.column === problem.column;
    if (!this.#found.some(same)) this.#found.push(problem);
  }
}
