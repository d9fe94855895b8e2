/**
 * A counter by the path of its name (`dropped.loop`) in what a node's `counters` says; of several under one name (`dropped`) their sum.
 * `undefined` when there is none of that name. A name with a dot may be a name of its own.
 */
export function counterOf(counters: unknown, name: string): number | undefined {
  if (typeof counters !== 'object' || counters === null) return undefined;
  const values = counters as Record<string, unknown>;
  if (Object.hasOwn(values, name)) return total(values[name]);
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const found = counterOf(values[name.slice(0, dot)], name.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function total(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.values(value).reduce<number>((sum, part) => sum + (total(part) ?? 0), 0);
}
