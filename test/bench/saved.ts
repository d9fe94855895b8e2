import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fill } from './markdown.ts';
import { plot } from './plot.ts';
import { fileName, merge, type Results } from './result.ts';

/** Where results are that are published. */
export const RESULTS = fileURLToPath(new URL('results', import.meta.url));
/** Where they are told. */
export const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** Puts results into those of the same day and machine, as JSON and as a plot. @param names in the order wanted */
export function save(folder: string, results: Results, names: readonly string[]): void {
  const [first] = [...results.rows, ...results.profiles];
  if (!first) return;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileName(results.machine, first.measuredAt));
  const older = existsSync(`${path}.json`) ? read(`${path}.json`) : undefined;
  const merged = merge(older, results, names);
  writeFileSync(`${path}.json`, `${JSON.stringify(merged, null, 2)}\n`);
  writeFileSync(`${path}.svg`, plot(merged));
}

/** The page with the newest results in it. @throws Error when there are none, or the page has no room for them */
export function pageOf(folder: string): string {
  const [newest] = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .reverse()
    : [];
  if (newest === undefined) throw new Error(`${folder} has no results: npm run bench -- --save`);
  const picture = join(folder, newest.replace(/json$/, 'svg'));
  return fill(readFileSync(PAGE, 'utf8'), read(join(folder, newest)), relative(dirname(PAGE), picture));
}

export function writePage(folder: string): void {
  writeFileSync(PAGE, pageOf(folder));
}

const read = (file: string): Results => JSON.parse(readFileSync(file, 'utf8')) as Results;
