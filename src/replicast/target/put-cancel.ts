import type { PutCancel } from '../messages.ts';
import type { TargetContext } from './context.ts';

/** The initiator wants none of the windows of this attempt. */
export function handlePutCancel(context: TargetContext, source: string, cancel: PutCancel): void {
  const put = context.puts.find(source, cancel.txn);
  if (!put || put.attempt !== cancel.attempt) {
    context.counters.add('stale cancel');
    return;
  }
  if (put.state === 'storing' || put.state === 'stored') return;
  if (put.reassembly && put.reassembly.received > 0) {
    // What came already shortens the next attempt.
    context.inbound.release(put.key);
    return;
  }
  context.dropPut(put);
}
