/** An IPv4 subnet: its network address as a 32-bit number, and the length of its prefix. */
export interface Subnet {
  network: number;
  prefix: number;
}

/** `10.1.0.11` → its 32 bits as a number, or `undefined` when it is no dotted quad. */
export function parseAddress(text: string): number | undefined {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text);
  const bytes = match?.slice(1).map(Number);
  if (!bytes?.every((byte) => byte < 256)) return undefined;
  return bytes.reduce((address, byte) => address * 256 + byte, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Number of addresses in a subnet, its network and broadcast address included. */
export function subnetSize(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefix);
}

/** `10.1.0.0/24` → numbers; the address may have host bits: see `networkOf`. `undefined` when it is no subnet. */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const network = match ? parseAddress(match[1]!) : undefined;
  const prefix = Number(match?.[2]);
  return network === undefined || prefix > 32 ? undefined : { network, prefix };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.network)}/${subnet.prefix}`;
}

/** The same subnet with its host bits cleared. */
export function networkOf(subnet: Subnet): Subnet {
  return { network: subnet.network - (subnet.network % subnetSize(subnet)), prefix: subnet.prefix };
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.network && address < subnet.network + subnetSize(subnet);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return contains(a, b.network) || contains(b, a.network);
}

/** The locally administered L2 address that the lab gives to whoever has this IPv4 address: `02:00:` and its four bytes. */
export function macOf(address: string, second = 0): string {
  const bytes = [2, second, ...address.split('.').map(Number)];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
