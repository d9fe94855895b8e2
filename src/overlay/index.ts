export { addressText } from './address-text.ts';
export { biftId } from './bift-id.ts';
export type { ClusterMap, Group, MemberSet, Membership, Target, Via, Zone, ZoneTunnel } from './cluster-map.ts';
export * from './constants.ts';
export { datagramId } from './datagram-id.ts';
export { DROP_REASONS, type DropReason } from './drops.ts';
export { addressOfKey, type Endpoint, endpointKey, endpointOfKey, makeEndpoint } from './endpoint.ts';
export { encodeIcmpError, type IcmpError } from './icmp.ts';
export {
  decodeInner,
  encodeInner,
  encodeInnerHeaders,
  INNER_DESTINATION_OFFSET,
  INNER_SOURCE_OFFSET,
  type InnerHeader,
  InnerView,
  innerChecksumHolds,
  innerOverhead,
  isAlike,
  withAnnounce,
  writeInnerChecksum,
} from './inner.ts';
export { formatIpv4, type Ipv4Prefix, inPrefix, parseIpv4, parseIpv4Prefix, prefixesOverlap } from './ipv4.ts';
export { formatIpv6, parseIpv6, sameIpv6 } from './ipv6.ts';
export { loadClusterMap, parseClusterMap } from './load.ts';
export { parseMac, unicastAddress } from './mac.ts';
export { decodeMulticast, encodeMulticast, isMulticast, type MulticastAddress, multicastGroupId } from './multicast.ts';
export { nativeGroupAddress } from './native.ts';
export { type ClusterMapFile, clusterMapSchema } from './schema.ts';
export type {
  Destination,
  OverlaySocket,
  Payloads,
  ReceivedDatagram,
  ReceivedDatagrams,
  Route,
  RouteOptions,
  WritePayload,
} from './socket.ts';
