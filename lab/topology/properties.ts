import type { Path } from '../../src/document/index.ts';
import { DEFAULT_MTU, ETHERNET_HEADER } from './constants.ts';
import type { OneWay } from './link-schema.ts';
import type { Problems } from './problems.ts';

import type { LinkChange, LinkProperties } from './topology.ts';

/** Link properties as declared at one place of the file. Of two layers the later one wins, property by property. */
export interface Layer {
  path: Path;
  properties: OneWay & { mtu?: number | undefined };
}

type Declared = Layer['properties'];

/** Merges the layers of one direction of a link, checks that the result makes sense, and drops what does nothing. */
export function mergeLayers(layers: readonly Layer[], problems: Problems): LinkProperties {
  const merged: Declared = {};
  const origin = new Map<string, Path>();
  for (const { path, properties } of layers) {
    for (const [key, value] of Object.entries(properties)) {
      if (value === undefined || !mergeable.has(key)) continue;
      Object.assign(merged, { [key]: value });
      origin.set(key, [...path, key]);
    }
  }
  const { mtu } = merged;
  const properties = changeProperties(mtu === undefined ? {} : { mtu }, readChange(merged, mtu));
  for (const { field, message } of contradictions(properties)) problems.at(origin.get(field)!, message);
  return properties;
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

/** What a declaration changes: a value that does nothing (no delay, no loss, no limit) takes the property back. */
export function readChange(declared: OneWay, mtu = DEFAULT_MTU): LinkChange {
  const orNull = <T>(value: T | undefined, nothing: T) => (value === nothing ? null : value);
  const { rate, delay, jitter, 'jitter-reorder': jitterReorder, loss, duplicate, reorder, corrupt, queue } = declared;
  const change = {
    rate: orNull(rate, Number.POSITIVE_INFINITY),
    delay: orNull(delay, 0),
    jitter: orNull(jitter, 0),
    jitterReorder: orNull(jitterReorder, false),
    loss: orNull(loss, 0),
    duplicate: orNull(duplicate, 0),
    reorder: orNull(reorder, 0),
    corrupt: orNull(corrupt, 0),
    queue: queue && ('bytes' in queue ? queue.bytes : queue.packets * (mtu + ETHERNET_HEADER)),
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as LinkChange;
}

/** What a link direction does after a change. What has no effect without another property goes with it. */
export function changeProperties(before: LinkProperties, change: LinkChange): LinkProperties {
  const merged: LinkChange & { mtu?: number } = { ...before, ...change };
  if (!merged.jitter) delete merged.jitterReorder;
  if (change.rate === null) delete merged.queue;
  return Object.fromEntries(ORDER.flatMap((key) => (merged[key] == null ? [] : [[key, merged[key]]])));
}

const ORDER = [
  'rate',
  'delay',
  'jitter',
  'jitterReorder',
  'loss',
  'duplicate',
  'reorder',
  'corrupt',
  'queue',
  'mtu',
] as const satisfies (keyof LinkProperties)[];

/** What cannot hold together, by the field that asks for it. */
export function contradictions(properties: LinkProperties): { field: string; message: string }[] {
  const { rate, queue, delay = 0, jitter = 0, jitterReorder, reorder } = properties;
  const found: { field: string; message: string }[] = [];
  if (queue !== undefined && rate === undefined) {
    found.push({ field: 'queue', message: 'a queue needs a rate: without one nothing ever waits' });
  }
  if (jitter > delay && jitterReorder !== true) {
    const message = 'jitter is larger than the delay: lower it, raise the delay, or set jitter-reorder';
    found.push({ field: 'jitter', message });
  }
  if (reorder !== undefined && delay === 0) {
    const message = 'reorder needs a delay: a frame that does not wait cannot be overtaken';
    found.push({ field: 'reorder', message });
  }
  return found;
}
