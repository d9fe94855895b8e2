import { ANNOUNCE_BYTES, IPV6_LEAST_MTU } from '../overlay/index.ts';
import type { MapView } from './map-view.ts';
import { innerRoom } from './outbound.ts';

/**
 * The MTU of an interface through which programs send into the overlay, bytes: a packet of this size fits the underlay whichever group it
 * goes to. Groups whose bit strings leave less than every IPv6 link must carry do not count; to them a shorter packet fits.
 * @param mtu bytes of an underlay IP packet
 * @returns `undefined` when every group leaves less
 */
export function interfaceMtu({ map, self }: MapView, mtu: number): number | undefined {
  const announce = self ? 0 : ANNOUNCE_BYTES;
  const rooms = [...map.setByBiftId.values()].map(({ group }) => innerRoom(mtu, group.bitStringLength) - announce);
  const enough = rooms.filter((room) => room >= IPV6_LEAST_MTU);
  return enough.length > 0 ? Math.min(...enough) : undefined;
}
