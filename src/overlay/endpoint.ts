import { formatIpv4, parseIpv4 } from './ipv4.ts';

/** Where an MRouter listens on the underlay. */
export interface Endpoint {
  /** IPv4, dotted. */
  readonly address: string;
  readonly port: number;
  /** Address and port as one number, for lookups: see `endpointKey`. */
  readonly key: number;
}

/** IPv4 address (as a number) and port in one integer of 48 bits. */
export function endpointKey(address: number, port: number): number {
  return address * 65536 + port;
}

export function addressOfKey(key: number): number {
  return Math.floor(key / 65536);
}

export function endpointOfKey(key: number): Endpoint {
  return { address: formatIpv4(addressOfKey(key)), port: key % 65536, key };
}

/** @throws RangeError when `address` is no dotted quad. */
export function makeEndpoint(address: string, port: number): Endpoint {
  const value = parseIpv4(address);
  if (value === undefined) throw new RangeError(`${address} is no IPv4 address`);
  return { address, port, key: endpointKey(value, port) };
}
