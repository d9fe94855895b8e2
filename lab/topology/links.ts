import { DEFAULT_MTU, MAX_MTU } from './constants.ts';
import type { LinkProperties, Topology } from './topology.ts';

/** One direction of one link. */
export interface LinkDirection {
  /** `from>to` */
  name: string;
  /** Name of the whole link: `a--b`, for an edge `host--switch`. */
  link: string;
  kind: 'edge' | 'trunk';
  from: string;
  to: string;
  properties: LinkProperties;
}

/** Name of a link as a whole. */
export const linkName = (a: string, b: string): string => `${a}--${b}`;
/** Name of one direction of a link; also of the link end that frames leave by. */
export const directionName = (from: string, to: string): string => `${from}>${to}`;

/** Both directions of every link: the edges in the order of the hosts, then the trunks as declared. */
export function linkDirections(topology: Pick<Topology, 'hosts' | 'trunks'>): LinkDirection[] {
  const both = (
    kind: LinkDirection['kind'],
    [a, b]: readonly [string, string],
    forward: LinkProperties,
    backward: LinkProperties,
  ): LinkDirection[] => [
    { name: directionName(a, b), link: linkName(a, b), kind, from: a, to: b, properties: forward },
    { name: directionName(b, a), link: linkName(a, b), kind, from: b, to: a, properties: backward },
  ];
  return [
    ...topology.hosts.flatMap((host) => both('edge', [host.name, host.switch], host.up, host.down)),
    ...topology.trunks.flatMap((trunk) => both('trunk', [trunk.a, trunk.b], trunk.forward, trunk.backward)),
  ];
}

/** Largest IP packet that each of these links carries, bytes. */
export function smallestMtu(links: readonly LinkDirection[]): number {
  return links.reduce(
    (least, { properties }) => Math.min(least, properties.mtu ?? DEFAULT_MTU),
    links.length > 0 ? MAX_MTU : DEFAULT_MTU,
  );
}
