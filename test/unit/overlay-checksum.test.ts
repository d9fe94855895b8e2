import * as fc from 'fast-check';
import t from 'tap';
import { addWords, foldChecksum } from '../../src/overlay/checksum.ts';

/** As in RFC 1071 §1, word by word. */
function plain(sum: number, bytes: Uint8Array): number {
  let total = sum;
  for (let i = 0; i < bytes.length; i += 2) {
    total += (bytes[i]! << 8) + (bytes[i + 1] ?? 0);
    total = (total & 0xffff) + (total >>> 16);
  }
  return ~((total & 0xffff) + (total >>> 16)) & 0xffff;
}

t.test('the example of RFC 1071 §3', async (t) => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  t.equal(foldChecksum(addWords(0, bytes, 0, 8)), ~0xddf2 & 0xffff);
});

t.test('the same wherever the bytes lie, however many they are', async () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.nat({ max: 7 }),
      fc.nat({ max: 0xffff }),
      fc.constantFrom(1, 200),
      (pattern, offset, sum, times) => {
        const bytes = Buffer.concat(Array(times).fill(pattern));
        const memory = new Uint8Array(new ArrayBuffer(bytes.length + 16), 1);
        memory.fill(0xa5);
        memory.set(bytes, offset);
        return foldChecksum(addWords(sum, memory, offset, offset + bytes.length)) === plain(sum, bytes);
      },
    ),
    { numRuns: 2000 },
  );
});

t.test('all ones, at the greatest length', async (t) => {
  const bytes = new Uint8Array(65_535).fill(0xff);
  t.equal(foldChecksum(addWords(0, bytes, 0, bytes.length)), plain(0, bytes));
});
