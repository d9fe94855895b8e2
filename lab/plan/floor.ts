import type { LinkDirection } from '../topology/index.ts';
import { ETHERNET_HEADER } from './constants.ts';

/**
 * The least time that one packet needs along a path, ms: on each link the serialisation of the whole frame at the link's
 * rate, since every switch receives a frame whole before it sends it on, and the propagation delay.
 * A token bucket lets a frame that finds it full pass at once, so over rates alone a packet may be measured faster.
 * @param bytes of the underlay IP packet.
 */
export function latencyFloor(path: readonly LinkDirection[], bytes: number): number {
  return path.reduce((total, { properties: { rate, delay = 0 } }) => {
    const serialisation = rate === undefined ? 0 : ((bytes + ETHERNET_HEADER) * 8 * 1000) / rate;
    return total + serialisation + delay;
  }, 0);
}
