import type { HeapProfiler } from 'node:inspector';
import type { Buffers } from './hook.ts';
import { type CallFrame, helps, nameOf, type Place } from './places.ts';

/** Bytes that a program asked for. */
export interface Allocations {
  /** In the heap of JavaScript. */
  heap: number;
  /** Outside, for buffers. */
  outside: number;
  /** Who asked for most, of either. */
  largest: { name: string; bytes: number }[];
}

/**
 * What was allocated, by the function of ours that asked for it.
 * @param placeOf see `places.ts`
 */
export function allocations(
  { head }: HeapProfiler.SamplingHeapProfile,
  buffers: Buffers,
  placeOf: (frame: CallFrame) => Place,
  most = 12,
): Allocations {
  const by = new Map<string, number>();
  const add = (name: string, bytes: number) => void by.set(name, (by.get(name) ?? 0) + bytes);
  let heap = 0;
  const visit = (
    { callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode,
    caller: Place | undefined,
  ) => {
    const place = placeOf(callFrame);
    const wants = helps(place) && caller ? caller : place;
    if (wants.file.startsWith('test/bench/')) return;
    heap += selfSize;
    if (selfSize > 0) add(nameOf(wants), selfSize);
    for (const child of children) visit(child, helps(place) ? caller : place);
  };
  visit(head, undefined);
  let outside = 0;
  for (const [name, { bytes }] of Object.entries(buffers)) {
    outside += bytes;
    add(`${name}, outside the heap`, bytes);
  }
  const largest = [...by].sort(([, a], [, b]) => b - a).slice(0, most);
  return { heap, outside, largest: largest.map(([name, bytes]) => ({ name, bytes })) };
}
