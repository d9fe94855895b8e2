import type { Evidence } from '../observe/evidence.ts';
import type { QueueDropsExpectation } from '../topology/index.ts';
import { describeSelection, selectDirections } from './links.ts';
import type { Verdict } from './verdict.ts';

/** What congestion cost: frames that the kernel counted as dropped for want of room, on each direction. Losses that were asked for are others. */
export function judgeQueueDrops({ on, atMost }: QueueDropsExpectation, evidence: Evidence): Verdict {
  const title = `${describeSelection(on)} drops at most ${atMost} frames for want of room`;
  const { queueDrops } = evidence;
  if (!queueDrops) return { title, outcome: 'inconclusive', summary: 'nobody read the counters of the kernel' };
  const directions = [...selectDirections(evidence.plan, on)];
  if (directions.length === 0) return { title, outcome: 'fail', summary: 'no link matches' };
  const dropped = directions
    .map((direction) => [direction, queueDrops[direction] ?? 0] as const)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
  const listed = dropped.slice(0, 5).map(([direction, count]) => `${direction} ${count}`);
  const more = dropped.length > listed.length ? ` and ${dropped.length - listed.length} more` : '';
  const summary = listed.length === 0 ? `0 on ${directions.length} directions` : `${listed.join(', ')}${more}`;
  return { title, outcome: (dropped[0]?.[1] ?? 0) <= atMost ? 'pass' : 'fail', summary };
}
