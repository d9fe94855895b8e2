export type { Connection } from './connections.ts';
export { DEFAULT_MTU, HELLO_INTERVAL, LABEL_GRACE, LEARNED_LIFETIME } from './constants.ts';
export type { Counters } from './counters.ts';
export { isHello } from './hello.ts';
export type { Self } from './map-view.ts';
export type { EnvelopeOptions, Outbound } from './outbound.ts';
export { Router, type RouterOptions } from './router.ts';
export type { Batch, Hop, HostHop, Origin, Sink, TunnelKind, ZoneHop } from './sink.ts';
export { isZoneHop } from './ways.ts';
