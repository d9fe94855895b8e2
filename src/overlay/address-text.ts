import { ADDRESS_TEXT_LIMIT } from './constants.ts';
import { formatIpv6, IPV6_BYTES, sameIpv6 } from './ipv6.ts';

const texts = new Map<string, string>();
/** Of the time before: most addresses are the one of the datagram before. */
const last = new Uint8Array(IPV6_BYTES);
let lastText = '';

/** The same as `formatIpv6`, for addresses that come with datagrams: few hosts send many, so their texts are remembered. */
export function addressText(bytes: Uint8Array, offset: number): string {
  if (lastText !== '' && sameIpv6(bytes, offset, last)) return lastText;
  const address = Buffer.from(bytes.buffer, bytes.byteOffset + offset, IPV6_BYTES);
  const key = address.toString('latin1');
  let text = texts.get(key);
  if (text === undefined) {
    if (texts.size >= ADDRESS_TEXT_LIMIT) texts.clear();
    text = formatIpv6(address);
    texts.set(key, text);
  }
  last.set(address);
  lastText = text;
  return text;
}
