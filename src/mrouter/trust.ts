import {
  addressText,
  type DropReason,
  endpointKey,
  INNER_DESTINATION_OFFSET,
  INNER_SOURCE_OFFSET,
  type InnerView,
} from '../overlay/index.ts';
import type { MapView } from './map-view.ts';

/** What is known of the MRouter that a datagram came from. */
export type Sender = 'peer' | 'learned' | 'stranger';

/**
 * Why a datagram must not be believed; `undefined` when all is well. Who is neither in the map nor known from a request must announce
 * the very address that the datagram came from, in a prefix where initiators may be. What a peer relays may announce any address in
 * those prefixes. Nobody announces himself as a target. In a reply the announce is about its addressee: there only peers may announce.
 * @param from outer source
 * @param packet the decoded `inner`
 * @param reply whether the bit string is empty
 */
export function distrust(
  view: MapView,
  sender: Sender,
  from: number,
  inner: Uint8Array,
  packet: InnerView,
  reply: boolean,
): DropReason | undefined {
  if (!packet.announced) return sender === 'stranger' ? 'unknown-source' : undefined;
  const announced = endpointKey(packet.announcedAddress, packet.announcedPort);
  if (sender === 'stranger' && (reply || announced !== from || !view.mayInitiate(from))) return 'unknown-source';
  if (sender === 'learned' && (reply || announced !== from)) return 'announce-refused';
  const { targetByAddress, targetByEndpoint } = view.map;
  const who = addressText(inner, reply ? INNER_DESTINATION_OFFSET : INNER_SOURCE_OFFSET);
  const taken = targetByEndpoint.has(announced) || targetByAddress.has(who);
  return taken || !view.mayInitiate(announced) ? 'announce-refused' : undefined;
}
