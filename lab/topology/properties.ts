import type { Path } from '../../src/document/index.ts';
import { DEFAULT_MTU, ETHERNET_HEADER } from './constants.ts';
import type { Problems } from './problems.ts';
import type { OneWay } from './schema.ts';
import type { LinkProperties } from './topology.ts';

/** Link properties as declared at one place of the file. Of two layers the later one wins, property by property. */
export interface Layer {
  path: Path;
  properties: OneWay & { mtu?: number | undefined };
}

type Declared = Layer['properties'];

/** Merges the layers of one direction of a link, checks that the result makes sense, and drops what does nothing. */
export function mergeLayers(layers: readonly Layer[], problems: Problems): LinkProperties {
  const merged: Declared = {};
  const origin = new Map<keyof Declared, Path>();
  for (const { path, properties } of layers) {
    for (const [key, value] of Object.entries(properties)) {
      if (value === undefined || !mergeable.has(key)) continue;
      Object.assign(merged, { [key]: value });
      origin.set(key as keyof Declared, [...path, key]);
    }
  }
  if (merged.rate === Number.POSITIVE_INFINITY) {
    delete merged.rate;
    delete merged.queue;
  }
  const delay = merged.delay ?? 0;
  const jitter = merged.jitter ?? 0;
  const reordersJitter = merged['jitter-reorder'] === true;
  if (merged.queue !== undefined && merged.rate === undefined) {
    problems.at(origin.get('queue')!, 'a queue needs a rate: without one nothing ever waits');
  }
  if (jitter > delay && !reordersJitter) {
    problems.at(
      origin.get('jitter')!,
      'jitter is larger than the delay: lower it, raise the delay, or set jitter-reorder',
    );
  }
  if ((merged.reorder ?? 0) > 0 && delay === 0) {
    problems.at(origin.get('reorder')!, 'reorder needs a delay: a frame that does not wait cannot be overtaken');
  }
  return {
    ...(merged.rate !== undefined && { rate: merged.rate }),
    ...(delay > 0 && { delay }),
    ...(jitter > 0 && { jitter, ...(reordersJitter && { jitterReorder: true }) }),
    ...(merged.loss && { loss: merged.loss }),
    ...(merged.duplicate && { duplicate: merged.duplicate }),
    ...(merged.reorder && { reorder: merged.reorder }),
    ...(merged.corrupt && { corrupt: merged.corrupt }),
    ...(merged.queue && { queue: queueBytes(merged.queue, merged.mtu) }),
    ...(merged.mtu !== undefined && { mtu: merged.mtu }),
  };
}

/** The properties themselves, without `up`, `down`, `toward` and `between`, which say where they hold. */
const mergeable = new Set<string>([
  'rate',
  'delay',
  'jitter',
  'jitter-reorder',
  'loss',
  'duplicate',
  'reorder',
  'corrupt',
  'queue',
  'mtu',
] satisfies (keyof Declared)[]);

function queueBytes(queue: NonNullable<Declared['queue']>, mtu = DEFAULT_MTU): number {
  return 'bytes' in queue ? queue.bytes : queue.packets * (mtu + ETHERNET_HEADER);
}
