/** The `q` quantile (0 to 1) of values in ascending order, by the nearest-rank method; NaN without values. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  if (ascending.length === 0) return Number.NaN;
  return ascending[Math.min(ascending.length - 1, Math.max(0, Math.ceil(q * ascending.length) - 1))]!;
}

export const ascending = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
