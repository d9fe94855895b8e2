import type { Datagram, Evidence } from '../observe/evidence.ts';
import type { Exhibit } from './verdict.ts';

/** A datagram shown with every crossing that was seen. */
export function exhibitOf(datagram: Datagram, finding: string, evidence: Evidence): Exhibit {
  return {
    datagram: datagram.id,
    from: datagram.from,
    to: datagram.to,
    finding,
    hops: evidence.ledger.of(datagram.id),
  };
}

/** The hosts that a datagram addresses and that never got it. */
export function missing({ to, deliveries }: Datagram): string[] {
  return to.filter((host) => !deliveries.some(({ node }) => node === host));
}

/** Of some datagrams the first that somebody missed, otherwise the one that took longest; `undefined` when there is none. */
export function tellingOne(datagrams: readonly Datagram[], evidence: Evidence): Exhibit | undefined {
  const lost = datagrams.find((datagram) => missing(datagram).length > 0);
  if (lost) return exhibitOf(lost, `${missing(lost).join(', ')} missed it`, evidence);
  const took = ({ sentAt, deliveries }: Datagram) => Math.max(0, ...deliveries.map(({ at }) => at - sentAt));
  const [first, ...others] = datagrams;
  if (!first) return undefined;
  const slowest = others.reduce((a, b) => (took(b) > took(a) ? b : a), first);
  return exhibitOf(slowest, `took ${took(slowest).toFixed(3)} ms`, evidence);
}
