import { InputError, SourceDocument } from '../document/index.ts';
import type { ClusterMap } from './cluster-map.ts';
import { resolveClusterMap } from './resolve.ts';
import { clusterMapSchema } from './schema.ts';

/**
 * Checks a cluster map document and resolves it.
 * @throws InputError with file, line and column of everything that is wrong.
 */
export function loadClusterMap(document: SourceDocument): ClusterMap {
  const resolved = resolveClusterMap(document.parse(clusterMapSchema));
  if ('map' in resolved) return resolved.map;
  throw new InputError(resolved.complaints.map(({ path, message, onKey }) => document.problem(path, message, onKey)));
}

/**
 * The same from a text, YAML or JSON. Good JSON takes a short cut past the YAML parser, which would cost every node of a large lab
 * 140 ms of start-up for 1,000 targets; anything else goes the long way, to be reported with line and column.
 * @throws InputError
 */
export function parseClusterMap(text: string, file: string): ClusterMap {
  const value = parsePlainJson(text);
  if (value !== undefined) {
    const checked = clusterMapSchema.safeParse(value);
    const resolved = checked.success ? resolveClusterMap(checked.data) : undefined;
    if (resolved && 'map' in resolved) return resolved.map;
  }
  return loadClusterMap(new SourceDocument(text, file));
}

/** The value of a JSON text; `undefined` when it is not JSON, or may have a repeated key, which `JSON.parse` would hide. */
function parsePlainJson(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return undefined;
  let keys = 0;
  try {
    const value: unknown = JSON.parse(text, (_key, part: unknown) => {
      if (part !== null && typeof part === 'object' && !Array.isArray(part)) keys += Object.keys(part).length;
      return part;
    });
    return keys === (text.match(/"\s*:/g) ?? []).length ? value : undefined;
  } catch {
    return undefined;
  }
}
