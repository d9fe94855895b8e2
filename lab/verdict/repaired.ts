import type { Datagram, Evidence } from '../observe/evidence.ts';
import { exhibitOf } from './exhibit.ts';
import { EMULATED, overload, putsRanOutOfTime } from './noise.ts';
import { payloadOf } from './payload.ts';
import type { Exhibit, Verdict } from './verdict.ts';

/** One part of a chunk: every attempt at it. */
interface Part {
  attempts: Datagram[];
  addressed: Set<string>;
  delivered: Set<string>;
}

/**
 * What must hold where links lose frames: by (sender, transaction, index), over all attempts, every host that any attempt addressed got the part
 * at least once, and no datagram reached a host that it did not address. A host whose process the scenario killed need not get it.
 * An initiator that waits in vain for a target turns to another one: where all puts came to their end and this machine was too busy, what
 * never arrived proves nothing.
 * Control messages and datagrams without Replicast are not repaired one by one, so that none of them has to arrive.
 */
export function judgeRepaired(title: string, datagrams: readonly Datagram[], evidence: Evidence): Verdict {
  if (evidence.captureDrops > 0) {
    return { title, outcome: 'inconclusive', summary: `the capture missed ${evidence.captureDrops} frames` };
  }
  const parts = new Map<string, Part>();
  let misdelivered: Exhibit | undefined;
  for (const datagram of datagrams) {
    const wrong = datagram.deliveries.find(({ node }) => !datagram.to.includes(node));
    if (wrong) misdelivered ??= exhibitOf(datagram, `${wrong.node} got it without being addressed`, evidence);
    const key = payloadOf(datagram, evidence)?.part;
    if (key === undefined) continue;
    const part = parts.get(key) ?? { attempts: [], addressed: new Set(), delivered: new Set() };
    parts.set(key, part);
    part.attempts.push(datagram);
    for (const host of datagram.to) part.addressed.add(host);
    for (const { node } of datagram.deliveries) part.delivered.add(node);
  }
  if (misdelivered) return { title, outcome: 'fail', summary: misdelivered.finding, exhibit: misdelivered };
  const failed = (summary: string): Verdict =>
    putsRanOutOfTime(evidence)
      ? { title, outcome: 'inconclusive', summary: `${summary}; a put failed, and ${EMULATED}` }
      : { title, outcome: 'fail', summary };
  if (parts.size === 0) return failed('no part of any chunk was sent');
  let exhibit: Exhibit | undefined;
  let bad = 0;
  let repeats = 0;
  for (const { attempts, addressed, delivered } of parts.values()) {
    repeats += attempts.length - 1;
    const missed = [...addressed].filter((host) => !delivered.has(host) && !evidence.killed.has(host));
    if (missed.length === 0) continue;
    bad++;
    const last = attempts.findLast(({ to }) => to.includes(missed[0]!))!;
    const tries = attempts.length === 1 ? 'its only attempt' : `any of ${attempts.length} attempts`;
    exhibit ??= exhibitOf(last, `${missed.join(', ')} did not get this part in ${tries}`, evidence);
  }
  const counted = `${parts.size} parts, ${repeats} sent again`;
  if (!exhibit) return { title, outcome: 'pass', summary: counted };
  const busy = evidence.puts.some(({ error }) => error !== undefined) ? undefined : overload(evidence);
  if (busy) {
    const summary = `${bad} of ${counted}, never arrived: ${exhibit.finding}; others got it in their place, and ${busy}`;
    return { title, outcome: 'inconclusive', summary, exhibit };
  }
  return { ...failed(`${bad} of ${counted}, never arrived: ${exhibit.finding}`), exhibit };
}
