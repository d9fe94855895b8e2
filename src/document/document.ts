import { LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod/mini';
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
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
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

  /**
   * Checks the document against a schema and returns the typed value.
   * @throws InputError with one problem for each thing that does not fit.
   */
  parse<T extends z.core.$ZodType>(schema: T): z.output<T> {
    const result = (
      schema as unknown as { safeParse(value: unknown): z.core.util.SafeParseResult<z.output<T>> }
    ).safeParse(this.value);
    if (result.success) return result.data;
    throw new InputError(this.#problems(schema, result.error.issues));
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
        // Report the branch that got furthest into the value: it is the one the author meant.
        const depth = (branch: readonly z.core.$ZodIssue[]) => Math.max(0, ...branch.map((i) => i.path.length));
        const branches = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
        const best = branches[0]!;
        if (depth(best) > 0) problems.push(...this.#problems(schema, best, path));
        else {
          const wanted = [...new Set(branches.flat().map((i) => i.message))].join('; or ');
          problems.push(this.problem(path, wanted));
        }
      } else {
        problems.push(this.problem(path, this.#describe(path, issue), issue.code === 'invalid_key'));
      }
    }
    return problems;
  }

  #describe(path: Path, issue: z.core.$ZodIssue): string {
    const name = path.length > 0 ? `${path.map(String).join('.')}: ` : '';
    if (issue.code === 'invalid_value' && typeof this.#at(path) === 'string') {
      const given = this.#at(path) as string;
      return `${name}"${given}" is not one of the allowed values${suggestion(given, issue.values.map(String))}`;
    }
    if (issue.code === 'invalid_type' && this.#at(path) === undefined) return `${name}is required, a ${issue.expected}`;
    if (issue.code === 'invalid_key') return `${name}${issue.issues.map((i) => i.message).join('; ')}`;
    return `${name}${issue.message.replace(/^Invalid input: /, '')}`;
  }

  #at(path: Path): unknown {
    return path.reduce<unknown>(
      (value, key) =>
        value === null || typeof value !== 'object' ? undefined : (value as Record<PropertyKey, unknown>)[key],
      this.value,
    );
  }

  #offset(path: Path, onKey: boolean): number {
    type Node = { range?: [number, number, number] | null; items?: unknown[]; source?: Node; contents?: Node };
    let node = this.#document.contents as Node | null;
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, step] of path.entries()) {
      if (node && 'source' in node && typeof node.source === 'string' && !node.items) break;
      let next: Node | null | undefined;
      let key: Node | undefined;
      const alias = node as unknown as { resolve?: (doc: unknown) => Node };
      if (node && !node.items && typeof alias.resolve === 'function') node = alias.resolve(this.#document);
      for (const [index, item] of (node?.items ?? []).entries()) {
        const pair = item as { key?: Node & { value?: unknown }; value?: Node | null };
        if (pair !== null && typeof pair === 'object' && 'key' in pair) {
          if (String(pair.key?.value) === String(step)) {
            key = pair.key;
            next = pair.value;
          }
        } else if (index === Number(step)) next = item as Node;
      }
      if (!next && !key) break;
      const last = depth === path.length - 1;
      offset = (last && onKey ? key?.range?.[0] : undefined) ?? next?.range?.[0] ?? key?.range?.[0] ?? offset;
      node = next ?? null;
    }
    return offset;
  }

  #position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
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
