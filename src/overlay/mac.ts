/** `02:00:0a:02:00:0b` as 6 bytes; `undefined` when it is no address of a single interface (malformed, or its group bit set). */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(text)) return undefined;
  const bytes = Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
  return (bytes[0]! & 1) === 0 ? bytes : undefined;
}

/**
 * The overlay unicast address of a host: the overlay's /64 prefix and the modified EUI-64 of the host's L2 address
 * (RFC 4291 appendix A: ff:fe in the middle, universal/local bit inverted).
 */
export function unicastAddress(prefix: Uint8Array, mac: Uint8Array): Uint8Array {
  const address = new Uint8Array(16);
  address.set(prefix.subarray(0, 8));
  address.set(mac.subarray(0, 3), 8);
  address[8]! ^= 0x02;
  address[11] = 0xff;
  address[12] = 0xfe;
  address.set(mac.subarray(3, 6), 13);
  return address;
}
