/** An IPv4 prefix: `address` has its host bits at 0. */
export interface Ipv4Prefix {
  /** As a 32-bit unsigned number. */
  readonly address: number;
  /** 0 … 32 */
  readonly length: number;
  /** `10.2.0.0/24` */
  readonly text: string;
}

/** A dotted quad as a 32-bit unsigned number; `undefined` when it is none. */
export function parseIpv4(text: string): number | undefined {
  let value = 0;
  let part = -1;
  let parts = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0x2e;
    if (code === 0x2e) {
      if (part < 0) return undefined;
      value = value * 256 + part;
      part = -1;
      parts++;
    } else if (code >= 0x30 && code <= 0x39 && part !== 0) {
      part = (part < 0 ? 0 : part * 10) + (code - 0x30);
      if (part > 255) return undefined;
    } else return undefined;
  }
  return parts === 4 ? value : undefined;
}

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

function mask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** `10.2.0.0/24`; `undefined` when it is no prefix or has host bits set. */
export function parseIpv4Prefix(text: string): Ipv4Prefix | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const address = match ? parseIpv4(match[1]!) : undefined;
  const length = Number(match?.[2]);
  if (address === undefined || length > 32 || (address & ~mask(length)) !== 0) return undefined;
  return { address, length, text };
}

export function inPrefix(prefix: Ipv4Prefix, address: number): boolean {
  return (address & mask(prefix.length)) >>> 0 === prefix.address;
}

export function prefixesOverlap(a: Ipv4Prefix, b: Ipv4Prefix): boolean {
  return a.length <= b.length ? inPrefix(a, b.address) : inPrefix(b, a.address);
}
