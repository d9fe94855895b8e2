import type { Profiler } from 'node:inspector';
import { type CallFrame, helps, nameOf, type Place } from './places.ts';

/** What a node does with its time, in the order in which a datagram meets it. */
export const STAGES = [
  'receive',
  'decode, trust',
  'decide',
  'copy, patch',
  'checksum',
  'deliver',
  'reassemble',
  'hash',
  'store',
  'Replicast',
  'encode',
  'pace',
  'send',
  'events, log, control',
  'garbage collection',
  'event loop, libuv',
  'nap until due',
  'idle',
] as const;

export type Stage = (typeof STAGES)[number];

/** The first that matches `FILE FUNCTION` counts. What matches none does the work of whoever calls it. */
const RULES: readonly (readonly [RegExp, Stage | 'watching'])[] = [
  [/^ \(idle\)$/, 'idle'],
  [/^ \(garbage collector\)$/, 'garbage collection'],
  [/^ \(program\)$/, 'event loop, libuv'],
  [/^node:inspector /, 'watching'],
  [/^node:internal\/crypto\//, 'hash'],
  [/^node:dgram onMessage$/, 'receive'],
  [/^src\/kernel\/(libc\.ts recvmmsg|message-receiver\.ts )/, 'receive'],
  [/^src\/kernel\/(libc\.ts sendmmsg|message-sender\.ts )/, 'send'],
  [/^src\/kernel\/sockets\.ts #ready$/, 'receive'],
  [/^src\/daemon\/overlay-node\.ts onReceive$/, 'receive'],
  [/^src\/daemon\/clock\.ts /, 'receive'],
  [/^src\/(kernel|tunnel)\//, 'send'],
  [/^src\/daemon\/tunnels\.ts (send|sendBatch)$/, 'send'],
  [/^src\/overlay\/checksum\.ts /, 'checksum'],
  [/^src\/overlay\/inner\.ts (innerChecksumHolds|pseudoHeaderSum|writeInnerChecksum)$/, 'checksum'],
  [/^src\/mrouter\/core\.ts isIntact$/, 'checksum'],
  [/^src\/overlay\/inner\.ts encode/, 'encode'],
  [/^src\/mrouter\/(originator|outbound)\.ts /, 'encode'],
  [/^src\/daemon\/route\.ts /, 'encode'],
  [/^src\/replicast\/messages\/data\.ts (writePiece|encodePiece|pieceLength)$/, 'encode'],
  [/^src\/mrouter\/(decision|dispatch|destination|ways|map-view)/, 'decide'],
  [/^src\/mrouter\/forwarder\.ts #decide$/, 'decide'],
  [/^src\/bier\/(forwarding|relay|bift)\.ts /, 'decide'],
  [/^src\/mrouter\/forwarder\.ts (#examine|#endOfAlike|#isForSelf)$/, 'decode, trust'],
  [/^src\/mrouter\/(forwarder\.ts #take|core\.ts (#?deliver\w*|learn)|addressee\.ts |learned\.ts )/, 'deliver'],
  [/^src\/mrouter\/(forwarder|core|router|sink)\.ts /, 'copy, patch'],
  [/^src\/(mrouter|bier|overlay)\//, 'decode, trust'],
  [/^src\/daemon\/applications\.ts /, 'deliver'],
  [/^src\/pmu\/clock\.ts /, 'nap until due'],
  [/^src\/pmu\/(pace|paced-sender|chunk-sender)\.ts /, 'pace'],
  [/^src\/pmu\//, 'reassemble'],
  [/^src\/replicast\/(hash|generated)\.ts /, 'hash'],
  [/^(src\/store\/|lmdb\/)/, 'store'],
  [/^(src\/replicast\/|src\/daemon\/replicast)/, 'Replicast'],
  [/^(src\/daemon\/|pino)/, 'events, log, control'],
  [/^test\/bench\//, 'watching'],
];

/** Nobody's work. */
const UNTOLD: ReadonlySet<string> = new Set(['watching', 'idle', 'garbage collection', 'event loop, libuv']);

/** Native functions that are system calls as good as alone: what they take is the kernel's time. */
const SYSTEM_CALLS = /^send$/;

/** What one thread did. */
export interface Breakdown {
  /** Shares of the time that was watched. */
  stages: Map<Stage, number>;
  /** The functions of ours that took most time, with their shares; what Node.js and the kernel do for them is theirs. */
  hottest: { name: string; share: number }[];
}

/** @param placeOf see `places.ts` */
export function breakDown(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  placeOf: (frame: CallFrame) => Place,
  most = 8,
): Breakdown {
  const own = new Map<number, number>();
  samples.forEach((id, i) => {
    own.set(id, (own.get(id) ?? 0) + timeDeltas[i]!);
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stages = new Map<Stage | 'watching', number>();
  const functions = new Map<string, number>();
  const visit = (id: number, callers: Stage | 'watching', caller: Place | undefined) => {
    const { callFrame, children } = byId.get(id)!;
    const place = placeOf(callFrame);
    const wants = helps(place) && !SYSTEM_CALLS.test(place.function) && caller ? caller : place;
    const stage = stageOf(place) ?? callers;
    const time = own.get(id) ?? 0;
    if (time > 0) {
      stages.set(stage, (stages.get(stage) ?? 0) + time);
      const name = nameOf(wants);
      if (!UNTOLD.has(stage)) functions.set(name, (functions.get(name) ?? 0) + time);
    }
    for (const child of children ?? []) visit(child, stage, helps(place) ? caller : place);
  };
  visit(nodes[0]!.id, 'event loop, libuv', undefined);
  stages.delete('watching');
  const total = [...stages.values()].reduce((sum, time) => sum + time, 0);
  return {
    stages: new Map(STAGES.flatMap((stage) => (stages.has(stage) ? [[stage, stages.get(stage)! / total]] : []))),
    hottest: [...functions]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, time]) => ({ name, share: time / total })),
  };
}

/** What a function does, if it always does the same. */
export function stageOf(place: Place): Stage | 'watching' | undefined {
  const text = `${place.file} ${place.function}`;
  return RULES.find(([expression]) => expression.test(text))?.[1];
}
