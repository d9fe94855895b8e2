import type { ChunkAck } from '../messages.ts';
import { concludeWhenSettled } from './conclude.ts';
import type { InitiatorContext } from './context.ts';
import type { Put } from './put.ts';

/** A target has the chunk, verified and durable. True of any attempt. */
export function handleChunkAck(context: InitiatorContext, put: Put, target: string, ack: ChunkAck, now: number): void {
  if (ack.hash !== put.hash || !put.members.includes(target)) {
    context.counters.add('false acknowledgement');
    return;
  }
  const progress = put.chosen.get(target);
  put.stored.add(target);
  put.storing.delete(target);
  put.refused.delete(target);
  if (put.phase === 'collecting' && progress?.state === 'pending') context.ackTime.add(now - put.transferEnd);
  if (progress) put.chosen.set(target, { state: 'acked' });
  concludeWhenSettled(context, put, now);
}
