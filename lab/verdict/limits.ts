import type { Datagram, Evidence } from '../observe/evidence.ts';
import { timeOf } from '../observe/ledger.ts';
import type { Filters } from '../topology/index.ts';

/** What the filters of one expectation leave to be judged. */
export interface Limits {
  /** When the phase began and ended, ms; without a phase everything. */
  from: number;
  to: number;
  /** Whether something at that time is in the phase. */
  holds(time: number): boolean;
  /** Of all datagrams, those that were sent in the phase, to the group, over the links. */
  datagrams: Datagram[];
  /** Whether a datagram of that identity is to be judged, also one that nobody said to have sent. */
  admits(id: string): boolean;
  /** ` in phase healed, to group ng1`: for a title; empty without filters. */
  words: string;
}

/** @returns a sentence that says why there is nothing to judge, when the phase never began. */
export function limitsOf(filters: Filters, evidence: Evidence): Limits | string {
  const { phase, group, links } = filters;
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (phase !== undefined) {
    const index = evidence.phases.findIndex(({ name }) => name === phase);
    const found = evidence.phases[index];
    if (!found) return `the phase ${phase} never began`;
    from = found.from;
    to = evidence.phases[index + 1]?.from ?? to;
  }
  const holds = (time: number) => time >= from && time < to;
  const crossed = (id: string) => !links || evidence.ledger.of(id).some(({ link }) => links.includes(link));
  const fits = (datagram: Datagram) =>
    holds(datagram.sentAt) && (group === undefined || datagram.group === group) && crossed(datagram.id);
  return {
    from,
    to,
    holds,
    datagrams: [...evidence.datagrams.values()].filter(fits),
    admits(id) {
      const datagram = evidence.datagrams.get(id);
      if (datagram) return fits(datagram);
      const first = evidence.ledger.of(id)[0];
      return group === undefined && crossed(id) && (first === undefined || holds(timeOf(first)));
    },
    words: [
      ...(phase === undefined ? [] : [` in phase ${phase}`]),
      ...(group === undefined ? [] : [` to group ${group}`]),
      ...(links === undefined ? [] : [` over ${links.join(', ')}`]),
    ].join(','),
  };
}
