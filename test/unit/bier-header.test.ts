import t from 'tap';
import {
  BierHeader,
  bitString,
  decodeHeader,
  encodeHeader,
  hasBit,
  headerLength,
  listBits,
  patchHeader,
} from '../../src/bier/index.ts';

/**
 * BIFT-id abcde, TC 0, S 1, TTL 8 | nibble 5, version 0, BSL 1 (64 bits), entropy 12345 |
 * OAM 0, reserved 0, DSCP 101110, proto 6, BFIR-id 3 | bits 0 and 9.
 */
const BYTES = 'abcde108 50112345 0b860003 0000000000000201';

function sample(): { header: BierHeader; bits: Uint8Array } {
  const header = Object.assign(new BierHeader(), {
    biftId: 0xabcde,
    ttl: 8,
    bitStringLength: 64,
    entropy: 0x12345,
    dscp: 46,
    proto: 6,
    bfirId: 3,
  });
  return { header, bits: bitString(64, [0, 9]) };
}

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

t.test('the bytes of a header, computed by hand from RFC 8296', async (t) => {
  const into = Buffer.alloc(24, 0xff);
  const { header, bits } = sample();
  t.equal(encodeHeader(into, header, bits), 20);
  t.equal(into.subarray(0, 20).toString('hex'), BYTES.replaceAll(' ', ''));
  t.equal(into.readUInt32BE(20), 0xffffffff, 'no byte beyond');
});

t.test('what the bytes say', async (t) => {
  const header = new BierHeader();
  t.equal(decodeHeader(bytesOf(BYTES), header), undefined);
  t.strictSame({ ...header }, { ...sample().header });
  t.equal(header.length, 20);
  t.same(listBits(bytesOf(BYTES).subarray(12, 20)), [0, 9]);
  // Everything that can be 1 is 1: TC 7, OAM 3, DSCP and proto 63.
  t.equal(decodeHeader(bytesOf('ffffffff 501fffff ffffffff ffffffffffffffff'), header), undefined);
  t.match(header, {
    biftId: 0xfffff,
    trafficClass: 7,
    ttl: 255,
    entropy: 0xfffff,
    oam: 3,
    dscp: 63,
    proto: 63,
    bfirId: 65535,
  });
});

t.test('the seven bit string lengths', async (t) => {
  const header = new BierHeader();
  for (const [code, length] of [64, 128, 256, 512, 1024, 2048, 4096].entries()) {
    const bytes = Buffer.alloc(headerLength(length));
    encodeHeader(bytes, Object.assign(new BierHeader(), { bitStringLength: length }), bitString(length, [length - 1]));
    t.equal(bytes[5]! >> 4, code + 1, `code of ${length} bits`);
    t.equal(bytes[12], 0x80, 'the highest bit comes first');
    t.equal(decodeHeader(bytes, header), undefined);
    t.equal(header.bitStringLength, length);
    t.equal(decodeHeader(bytes.subarray(0, -1), header), 'truncated');
  }
});

t.test('every malformation has its name', async (t) => {
  const decode = (hex: string) => decodeHeader(bytesOf(hex), new BierHeader());
  t.equal(decode(''), 'truncated');
  t.equal(decode('abcde108 50112345 0b8600'), 'truncated');
  t.equal(decode('abcde108 60112345 0b860003 0000000000000201'), 'wrong-nibble');
  t.equal(decode('abcde108 51112345 0b860003 0000000000000201'), 'wrong-version');
  t.equal(decode('abcde108 50012345 0b860003 0000000000000201'), 'bad-bit-string-length');
  t.equal(decode('abcde108 50812345 0b860003 0000000000000201'), 'bad-bit-string-length');
  t.equal(decode('abcde108 50212345 0b860003 0000000000000201'), 'truncated', 'shorter than its bit string');
});

t.test('a copy differs in TTL and bits only', async (t) => {
  const bytes = bytesOf(BYTES);
  patchHeader(bytes, 7, bitString(64, [63]));
  t.equal(bytes.toString('hex'), 'abcde107 50112345 0b860003 8000000000000000'.replaceAll(' ', ''));
});

t.test('bit strings', async (t) => {
  const bits = bitString(128, [0, 7, 8, 64, 127]);
  t.equal(Buffer.from(bits).toString('hex'), '80000000000000010000000000000181');
  t.ok(hasBit(bits, 64));
  t.notOk(hasBit(bits, 63));
});
