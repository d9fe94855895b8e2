/**
 * The overlay as a library: one MRouter in one's own program.
 *
 * ```ts
 * import { MRouter } from 'castlab/mrouter';
 *
 * const mrouter = await MRouter.open('/etc/mrouter.yaml');
 * mrouter.on('datagram', ({ source, payload }) => mrouter.send(source, payload));
 * await mrouter.sendChunk('ff15:0:0:1::7', chunk, { rate: 900e6 });
 * ```
 */
export { InputError, type Problem } from '../document/index.ts';
export type { Destination, OverlaySocket, ReceivedDatagram, Route, RouteOptions } from '../overlay/index.ts';
export type { ChunkPrefix, SentChunk } from '../pmu/chunk-sender.ts';
export { NodeConfig, readConfig } from './config.ts';
export { type ChunkOptions, MRouter, type MRouterStatus } from './overlay-node.ts';
