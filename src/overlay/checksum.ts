/** From here on, bytes, it pays to take four at a time. */
const WIDE = 64;

/** So many, bytes, that their sum is an integer of 32 bits, which is what makes adding fast. */
const BLOCK = 1 << 16;

/** Whether this machine has the low byte of a number first. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Adds the 16-bit words of `bytes[start … end)` to `sum`; an odd last byte counts as the high half of a word. RFC 1071 §1 */
export function addWords(sum: number, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < WIDE) return addFew(sum, bytes, start, end);
  if (end - start > BLOCK) return addWords(addWords(sum, bytes, start, start + BLOCK), bytes, start + BLOCK, end);
  // From where on numbers of 32 bits lie in memory.
  const lead = -(bytes.byteOffset + start) & 3;
  const count = (end - start - lead) >>> 2;
  const first = (bytes.byteOffset + start + lead) >>> 2;
  const middle = fold(addWide(numbersIn(bytes), first, first + count));
  // A sum of swapped words is the swapped sum; and words are swapped once more when a number begins with a low half. RFC 1071 §2 (B)
  const odd = (lead & 1) === 1;
  const total = addFew(sum, bytes, start, start + lead) + (odd === LITTLE_ENDIAN ? middle : swap(middle));
  const rest = start + lead + 4 * count;
  if (!odd || rest === end) return addFew(total, bytes, rest, end);
  return addFew(total + bytes[rest]!, bytes, rest + 1, end);
}

let lastBytes: Uint8Array = new Uint8Array(0);
let lastNumbers: Int32Array = new Int32Array(0);

/** The buffer of these bytes as numbers of 32 bits. Datagrams that came together lie in one: what was made for the first serves them all. */
function numbersIn(bytes: Uint8Array): Int32Array {
  if (bytes === lastBytes) return lastNumbers;
  const { buffer } = bytes;
  if (lastNumbers.buffer !== buffer) lastNumbers = new Int32Array(buffer, 0, buffer.byteLength >>> 2);
  lastBytes = bytes;
  return lastNumbers;
}

/** The sum of the halves of `numbers[from … to)`. */
function addWide(numbers: Int32Array, from: number, to: number): number {
  let one = 0;
  let two = 0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const a = numbers[i]!;
    const b = numbers[i + 1]!;
    const c = numbers[i + 2]!;
    const d = numbers[i + 3]!;
    one = (one + (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16)) | 0;
    two = (two + (c & 0xffff) + (c >>> 16) + (d & 0xffff) + (d >>> 16)) | 0;
  }
  for (; i < to; i++) one = (one + (numbers[i]! & 0xffff) + (numbers[i]! >>> 16)) | 0;
  return one + two;
}

function addFew(sum: number, bytes: Uint8Array, start: number, end: number): number {
  const even = end - ((end - start) & 1);
  let total = sum;
  for (let i = start; i < even; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  return even < end ? total + (bytes[even]! << 8) : total;
}

/** The one's complement of the one's complement sum. RFC 1071 §1 */
export function foldChecksum(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/** The same sum in 16 bits. */
function fold(sum: number): number {
  let total = sum;
  while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
  return total;
}

const swap = (word: number) => ((word & 0xff) << 8) | (word >>> 8);
