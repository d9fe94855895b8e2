import type { Data } from '../messages.ts';
import { nextBidder, quietFor, waitFor } from './ask.ts';
import type { InitiatorContext } from './context.ts';
import type { Get } from './get.ts';
import { completeGet } from './get-outcome.ts';

/** One datagram of a chunk that was asked for. */
export function handleGetData(context: InitiatorContext, get: Get, target: string, data: Data, now: number): void {
  const { reassembly, winner } = get;
  const sender = winner?.name === target || (!get.suspicious && get.accepted.has(target));
  if (get.phase !== 'receiving' || !reassembly || !sender) {
    context.counters.add('unexpected data');
    return;
  }
  if (data.count !== reassembly.count) {
    context.counters.add('malformed data');
    return;
  }
  if (!reassembly.add(data.index, data.payload)) {
    context.counters.add('duplicate data');
    return;
  }
  get.lastDataAt = now;
  if (reassembly.complete) {
    context.getLateness.add(Math.max(0, now - get.windowEnd));
    if (reassembly.hash() === get.hash) {
      delete get.reassembly;
      completeGet(context, get, target, reassembly.chunk, () => reassembly.release(), now);
      return;
    }
    get.corrupt.add(target);
    get.suspicious = true;
    context.counters.add('wrong content');
    nextBidder(context, get, now);
    return;
  }
  if (data.index === get.lastIndex) get.deadline = now + quietFor(context, get);
  else get.deadline = Math.max(get.windowEnd, now) + waitFor(context, get);
}
