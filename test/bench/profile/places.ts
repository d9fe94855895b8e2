import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What the inspector knows of a function. */
export interface CallFrame {
  functionName: string;
  url: string;
  /** From 0. */
  lineNumber: number;
  columnNumber: number;
}

/** Where a function is written. */
export interface Place {
  function: string;
  /** A path from the root of the project, or of a package; `node:…`; nothing when it is not JavaScript. */
  file: string;
  /** From 1; 0 when there is none. */
  line: number;
}

const maps = new Map<string, SourceMap | undefined>();

/** Looks through the bundles at what they were made of. */
export function placeOf({ functionName, url, lineNumber, columnNumber }: CallFrame): Place {
  const known = { function: functionName || '(anonymous)', file: url, line: lineNumber + 1 };
  if (!url.startsWith('file:')) return { ...known, line: url === '' ? 0 : known.line };
  const entry = mapOf(fileURLToPath(url))?.findEntry(lineNumber, columnNumber);
  if (!entry || !('originalSource' in entry)) return { ...known, file: shorten(url) };
  return { ...known, file: shorten(entry.originalSource), line: entry.originalLine + 1 };
}

export const nameOf = ({ function: name, file, line }: Place): string =>
  file === '' ? name : `${name} (${file}${line > 0 ? `:${line}` : ''})`;

/** Whether a function is one of Node.js or the kernel's: what it does is wanted by whoever calls it. */
export const helps = ({ file }: Place): boolean => file === '' || file.startsWith('node:');

function mapOf(path: string): SourceMap | undefined {
  if (!maps.has(path)) {
    let map: SourceMap | undefined;
    try {
      map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
    } catch {
      // Not one of the bundles.
    }
    maps.set(path, map);
  }
  return maps.get(path);
}

/** What is left out of paths: where the project or the packages are, and where the hook is (see `profiled.ts`). */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/^.*\/castlab-profile-[^/]*\//, 'test/bench/profile/'],
  [/^.*\/node_modules\//, ''],
  [/^(?:.*\/)?((?:src|lab|test)\/)/, '$1'],
];

/** A path from the root of the project or of a package. */
export function shorten(path: string): string {
  const [expression, rest] = SHORTER.find(([expression]) => expression.test(path)) ?? [/^/, ''];
  return path.replace(expression, rest);
}
