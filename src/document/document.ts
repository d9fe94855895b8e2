import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod/mini';
import { describeIssue } from './describe.ts';
import { suggestion } from './nearest.ts';
import { InputError, type Problem } from './problem.ts';

/** A way into a document: `['zones', 'east', 'hosts', 0]`. */
export type Path = readonly PropertyKey[];

/**
 * A YAML (or JSON, its subset) text that remembers where each value stood, so that whatever is found wrong later,
 * by a schema or by a check of meaning, can be reported with file, line and column.
 */
export class SourceDocument {
  readonly file: string;
  /** The plain value of the whole document. */
  readonly value: unknown;
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines: LineCounter;

  /** @throws InputError when the text is not YAML. */
  constructor(text: string, file: string) {
    this.file = file;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' });
    const problems = this.#document.errors.map((error) => ({
      message: error.message.replace(/\s+/g, ' ').trim(),
      file,
      ...this.#position(error.pos[0]),
    }));
    if (problems.length > 0) throw new InputError(problems);
    try {
      this.value = this.#document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      throw new InputError([{ message: (error as Error).message, file }]);
    }
  }

  /** A problem at the value that `path` leads to; at its key when `onKey`; at the nearest parent that exists otherwise. */
  problem(path: Path, message: string, onKey = false): Problem {
    return { message, file: this.file, ...this.#position(this.#offset(path, onKey)) };
  }

  /** The 1-based line of the value that `path` leads to, or of its key. */
  line(path: Path, onKey = false): number {
    return this.#position(this.#offset(path, onKey)).line;
  }

  /**
   * Checks the document against a schema and returns the typed value.
   * @throws InputError with one problem for each thing that does not fit.
   */
  parse<T extends z.core.$ZodType>(schema: T): z.output<T> {
    const result = (
      schema as unknown as { safeParse(value: unknown): z.core.util.SafeParseResult<z.output<T>> }
    ).safeParse(this.value);
    if (result.success) return result.data;
    const problems = this.#problems(schema, result.error.issues);
    throw new InputError(problems.sort((a, b) => a.line! - b.line! || a.column! - b.column!));
  }

  #problems(schema: z.core.$ZodType, issues: readonly z.core.$ZodIssue[], base: Path = []): Problem[] {
    const problems: Problem[] = [];
    for (const issue of issues) {
      const path = [...base, ...issue.path];
      if (issue.code === 'unrecognized_keys') {
        const known = knownKeys(schema, path);
        for (const key of issue.keys) {
          problems.push(this.problem([...path, key], `unknown field "${key}"${suggestion(key, known)}`, true));
        }
      } else if (issue.code === 'invalid_union' && issue.errors.length > 0) {
        // Report the branch that takes a value of this kind at all and got furthest into it: the author meant that one.
        const wrongKind = (branch: readonly z.core.$ZodIssue[]) =>
          branch.some((i) => i.code === 'invalid_type' && i.path.length === 0);
        const depth = (branch: readonly z.core.$ZodIssue[]) => Math.max(0, ...branch.map((i) => i.path.length));
        const meant = issue.errors.filter((branch) => !wrongKind(branch));
        const best = meant.sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
        if (best) problems.push(...this.#problems(schema, best, path));
        else {
          const wanted = [...new Set(issue.errors.flat().map((i) => describeIssue(i, this.#at(path))))].join('; or ');
          problems.push(this.problem(path, `${named(path)}${wanted}`));
        }
      } else {
        problems.push(
          this.problem(path, `${named(path)}${describeIssue(issue, this.#at(path))}`, issue.code === 'invalid_key'),
        );
      }
    }
    return problems;
  }

  #at(path: Path): unknown {
    return path.reduce<unknown>(
      (value, key) =>
        value === null || typeof value !== 'object' ? undefined : (value as Record<PropertyKey, unknown>)[key],
      this.value,
    );
  }

  #offset(path: Path, onKey: boolean): number {
    let node: unknown = this.#document.contents;
    let offset = start(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      const parent = isAlias(node) ? node.resolve(this.#document) : node;
      if (isMap(parent)) {
        const pair = parent.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
        if (!pair) break;
        const wantsKey = onKey && depth === path.length - 1;
        offset = (wantsKey ? start(pair.key) : undefined) ?? start(pair.value) ?? start(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(parent)) {
        node = parent.items[Number(step)];
        offset = start(node) ?? offset;
      } else break;
    }
    return offset;
  }

  #position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** `zones.east.hosts: `, or nothing for the document itself. */
function named(path: Path): string {
  return path.length > 0 ? `${path.map(String).join('.')}: ` : '';
}

/** Where a node of the YAML tree begins; `undefined` for what has no place of its own. */
function start(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** The field names that a schema allows at a path of the value, looking through unions, records, arrays and wrappers. */
function knownKeys(schema: z.core.$ZodType, path: Path): Set<string> {
  const found = new Set<string>();
  const visit = (type: z.core.$ZodType | undefined, rest: Path): void => {
    if (!type) return;
    const def = type._zod.def as unknown as Record<string, unknown> & { type: string };
    if (def['innerType']) {
      visit(def['innerType'] as z.core.$ZodType, rest);
      return;
    }
    if (def.type === 'lazy' || def.type === 'pipe') {
      visit(def.type === 'lazy' ? (def['getter'] as () => z.core.$ZodType)() : (def['in'] as z.core.$ZodType), rest);
      return;
    }
    if (def.type === 'union') {
      for (const option of def['options'] as z.core.$ZodType[]) visit(option, rest);
      return;
    }
    if (def.type === 'intersection') {
      visit(def['left'] as z.core.$ZodType, rest);
      visit(def['right'] as z.core.$ZodType, rest);
      return;
    }
    const [step, ...deeper] = rest;
    if (def.type === 'object') {
      const shape = def['shape'] as Record<string, z.core.$ZodType>;
      if (step === undefined) for (const key of Object.keys(shape)) found.add(key);
      else visit(shape[String(step)], deeper);
    } else if (def.type === 'record' && step !== undefined) visit(def['valueType'] as z.core.$ZodType, deeper);
    else if (def.type === 'array' && step !== undefined) visit(def['element'] as z.core.$ZodType, deeper);
  };
  visit(schema, path);
  return found;
}
