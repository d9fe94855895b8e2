import type { Evidence } from '../observe/evidence.ts';

/**
 * Which of these directions (`a>b`) are not what they are declared to be, in words; `undefined` when all are, or nobody measured. Times over
 * such a link, and rates, say nothing about what sent over it.
 */
export function strayed({ calibration = [] }: Evidence, directions: Iterable<string>): string | undefined {
  const asked = new Set(directions);
  const off = calibration.filter(({ direction, off }) => off !== undefined && asked.has(direction));
  const [first] = off;
  if (first === undefined) return undefined;
  const more = off.length > 1 ? ` (and ${off.length - 1} more links)` : '';
  return `${first.direction} was found to have ${first.off}${more}`;
}

/** The directions that any of these datagrams crossed. */
export function crossedBy(datagrams: Iterable<{ id: string }>, { ledger }: Evidence): Set<string> {
  const crossed = new Set<string>();
  for (const { id } of datagrams) for (const { link } of ledger.of(id)) crossed.add(link);
  return crossed;
}
