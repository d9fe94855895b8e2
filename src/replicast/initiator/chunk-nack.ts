import type { ChunkNack } from '../messages.ts';
import { concludeWhenSettled } from './conclude.ts';
import type { InitiatorContext } from './context.ts';
import type { Put } from './put.ts';

/** A chosen target has not stored the chunk, and says why. */
export function handleChunkNack(
  context: InitiatorContext,
  put: Put,
  target: string,
  nack: ChunkNack,
  now: number,
): void {
  const progress = put.chosen.get(target);
  if (!progress || progress.state === 'acked' || nack.attempt !== put.attempt) {
    context.counters.add('late nack');
    return;
  }
  const { reason, missing } = nack;
  // While datagrams are still leaving, what has not come yet is not missing; it will be said again.
  if (put.phase === 'transferring' && reason === 'missing') {
    context.counters.add('early nack');
    return;
  }
  if (reason === 'no space' || reason === 'store failed') put.refused.set(target, reason);
  put.chosen.set(target, { state: 'nacked', reason, ...(missing && { missing }) });
  concludeWhenSettled(context, put, now);
}
