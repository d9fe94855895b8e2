import type { Evidence } from '../observe/evidence.ts';
import type { BytesExpectation } from '../topology/index.ts';
import { tellingOne } from './exhibit.ts';
import { type Limits, limitsOf } from './limits.ts';
import { describeSelection, selectDirections } from './links.ts';
import { payloadSent } from './payload.ts';
import type { Verdict } from './verdict.ts';

/**
 * Link stress: what crosses a direction, bytes of underlay IP packets with all headers, control messages and repeats, against the payload sent, each
 * part of a chunk counted once however often it was repeated. By the ledger, or by the counters of the kernel where there is none: these count
 * all that crossed, hellos included.
 */
export function judgeBytes(expectation: BytesExpectation, evidence: Evidence): Verdict {
  const { on, perPayload } = expectation;
  const limits = limitsOf(expectation, evidence);
  const words = typeof limits === 'string' ? '' : limits.words;
  const title = `${describeSelection(on)} carries at most ${perPayload} bytes for each byte of payload${words}`;
  if (typeof limits === 'string') return { title, outcome: 'fail', summary: limits };
  if (evidence.captureDrops > 0) {
    return { title, outcome: 'inconclusive', summary: `the capture missed ${evidence.captureDrops} frames` };
  }
  const { linkBytes } = evidence;
  const payload = payloadSent(limits.datagrams, evidence);
  if (payload === 0) return { title, outcome: 'fail', summary: 'no payload was sent' };
  const directions = selectDirections(evidence.plan, on);
  if (directions.size === 0) return { title, outcome: 'fail', summary: 'no link matches' };
  const crossed = linkBytes
    ? Object.entries(linkBytes).filter(([link]) => directions.has(link))
    : bytesByLink(directions, limits, evidence);
  const [worst, most] = [...crossed].sort((a, b) => b[1] - a[1])[0] ?? ['none', 0];
  const stress = most / payload;
  const source = linkBytes ? ', by the counters of the kernel' : '';
  const summary = `${stress.toFixed(3)} on ${worst}: ${most} bytes for ${payload} of payload${source}`;
  if (stress <= perPayload) return { title, outcome: 'pass', summary };
  // The datagram that adds most to it: the one that crossed there most often.
  const times = (id: string) => evidence.ledger.crossings(id).get(worst) ?? 0;
  const there = limits.datagrams.filter(({ id }) => times(id) > 0).sort((a, b) => times(b.id) - times(a.id));
  const exhibit = tellingOne(there.slice(0, 1), evidence);
  return {
    title,
    outcome: 'fail',
    summary,
    ...(exhibit && { exhibit: { ...exhibit, finding: `crossed ${worst} ${times(exhibit.datagram)} times` } }),
  };
}

function bytesByLink(directions: ReadonlySet<string>, limits: Limits, { ledger }: Evidence): Map<string, number> {
  const crossed = new Map<string, number>();
  for (const { id, link, bytes } of ledger.traversals) {
    if (directions.has(link) && limits.admits(id)) crossed.set(link, (crossed.get(link) ?? 0) + bytes);
  }
  return crossed;
}
