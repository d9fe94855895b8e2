import type { Traversal } from '../observe/ledger.ts';

/**
 * `inconclusive`: the machine could not measure well enough to say, so neither pass nor fail would be honest.
 */
export type Outcome = 'pass' | 'fail' | 'inconclusive';

/** The one datagram that shows why an expectation failed. */
export interface Exhibit {
  datagram: string;
  from: string;
  to: readonly string[];
  /** What is wrong with this datagram. */
  finding: string;
  /** Every crossing of it, in order of time. */
  hops: readonly Traversal[];
}

/** What one expectation came to. */
export interface Verdict {
  /** The expectation in words: the title of the test point. */
  title: string;
  outcome: Outcome;
  /** One line: what was counted, and for a failure how many and which. */
  summary: string;
  exhibit?: Exhibit;
}

/** Writes a datagram's way, one hop a line, times in ms relative to the first. */
export function describeHops(hops: readonly Traversal[]): string[] {
  const start = hops[0] === undefined ? 0 : (hops[0].sentAt ?? hops[0].arrivedAt ?? 0);
  const since = (time: number | undefined, missing: string) =>
    time === undefined ? missing : `+${(time - start).toFixed(3)} ms`;
  return hops.map(
    (hop) =>
      `${hop.link}  left ${since(hop.sentAt, 'unseen')}, arrived ${since(hop.arrivedAt, 'never')}  bits ${hop.bits}  ttl ${hop.ttl}  ${hop.bytes} bytes`,
  );
}
