import * as z from 'zod';
import type { LatencyExpectation } from '../topology.ts';
import { formatTime, parseTime } from '../units.ts';
import type { ExpectationKind } from './kind.ts';

type Bound = Pick<LatencyExpectation, 'paths' | 'extra'>;

/**
 * Reads a bound: a sum of times and of multiples of `path`, the floor that the topology implies.
 * @throws RangeError when it is none.
 */
export function parseBound(text: string): Bound {
  let paths = 0;
  let extra = 0;
  for (const term of text.split('+').map((part) => part.trim())) {
    const multiple = /^(?:(\d+(?:\.\d+)?(?:e-?\d+)?)\s*\*\s*)?path$/.exec(term);
    if (multiple) paths += Number(multiple[1] ?? 1);
    else if (/^\d/.test(term)) extra += parseTime(term);
    else throw new RangeError(`"${text}" is not a latency bound: write a sum such as path + 2ms, or 2 * path + 500us`);
  }
  return { paths, extra };
}

export function formatBound({ paths, extra }: Bound): string {
  const terms = [
    ...(paths > 0 ? [paths === 1 ? 'path' : `${paths} * path`] : []),
    ...(extra > 0 ? [formatTime(extra)] : []),
  ];
  return terms.length > 0 ? terms.join(' + ') : formatTime(0);
}

/** `p99` → 0.99, `max` → 1. */
function quantileOf(key: string): number {
  return key === 'max' ? 1 : Number((Number(key.slice(1)) / 100).toPrecision(15));
}

const quantile = z
  .string()
  .regex(/^(max|p100|p\d{1,2}(\.\d+)?)$/, 'a latency is of max, or of a percentile such as p50, p99 or p99.9');

const bound = z
  .string({ error: 'expected a bound, such as path + 2ms' })
  .transform((text, context): Bound => {
    try {
      return parseBound(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  })
  .describe(
    'The most it may be: times, and multiples of path, the time that the topology itself implies. Example: path + 1ms',
  );

const schema = z
  .record(quantile, bound)
  .refine((bounds) => Object.keys(bounds).length > 0, 'name at least one of max, p50, p99, …')
  .describe(
    'One-way time from sender to target, against the floor of the path. Example: { p50: path + 1ms, p99: 2 * path + 5ms }',
  );

export const latency: ExpectationKind<typeof schema, LatencyExpectation> = {
  schema,
  filters: ['phase', 'group', 'links'],
  read: (bounds) =>
    Object.entries(bounds).map(([key, { paths, extra }]) => ({
      kind: 'latency',
      quantile: quantileOf(key),
      paths,
      extra,
    })),
  write: (expectation) => {
    const key = expectation.quantile === 1 ? 'max' : `p${Number((expectation.quantile * 100).toPrecision(15))}`;
    return { [key]: formatBound(expectation) };
  },
};
