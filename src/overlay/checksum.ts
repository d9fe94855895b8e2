/** Adds the 16-bit words of `bytes[start … end)` to `sum`; an odd last byte counts as the high half of a word. RFC 1071 §1 */
export function addWords(sum: number, bytes: Uint8Array, start: number, end: number): number {
  const even = end - ((end - start) & 1);
  let total = sum;
  for (let i = start; i < even; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  return even < end ? total + (bytes[even]! << 8) : total;
}

/** The one's complement of the one's complement sum. RFC 1071 §1 */
export function foldChecksum(sum: number): number {
  let total = sum;
  while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}
