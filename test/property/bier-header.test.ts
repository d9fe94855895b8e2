import * as fc from 'fast-check';
import t from 'tap';
import {
  BierHeader,
  decodeHeader,
  encodeHeader,
  headerLength,
  makeEntropy,
  patchHeader,
} from '../../src/bier/index.ts';
import { DROP_REASONS } from '../../src/overlay/index.ts';
import { runs } from '../support/overlay-arbitraries.ts';

const bits = (n: number) => fc.integer({ min: 0, max: 2 ** n - 1 });

const headers = fc
  .record({
    biftId: bits(20),
    trafficClass: bits(3),
    ttl: bits(8),
    code: fc.integer({ min: 1, max: 7 }),
    entropy: bits(20),
    oam: bits(2),
    dscp: bits(6),
    proto: bits(6),
    bfirId: bits(16),
  })
  .chain(({ code, ...fields }) => {
    const bitStringLength = 32 << code;
    const string = fc.uint8Array({ minLength: bitStringLength / 8, maxLength: bitStringLength / 8 });
    return fc.tuple(fc.constant({ ...fields, bitStringLength }), string);
  });

t.test('what is encoded decodes to the same, and to the same bytes again', async () => {
  fc.assert(
    fc.property(headers, ([fields, string]) => {
      const bytes = new Uint8Array(headerLength(fields.bitStringLength) + 7);
      const header = Object.assign(new BierHeader(), fields);
      const length = encodeHeader(bytes, header, string);
      const decoded = new BierHeader();
      if (decodeHeader(bytes, decoded) !== undefined) return false;
      const again = new Uint8Array(bytes.length);
      encodeHeader(again, decoded, bytes.subarray(12, length));
      return Buffer.from(again).equals(bytes) && JSON.stringify(decoded) === JSON.stringify(header);
    }),
    runs(300),
  );
});

t.test('a patch changes TTL and bits and nothing else', async () => {
  fc.assert(
    fc.property(headers, bits(8), ([fields, string], ttl) => {
      const bytes = new Uint8Array(headerLength(fields.bitStringLength));
      const zeros = new Uint8Array(string.length);
      encodeHeader(bytes, Object.assign(new BierHeader(), fields), zeros);
      patchHeader(bytes, ttl, string);
      const wanted = new Uint8Array(bytes.length);
      encodeHeader(wanted, Object.assign(new BierHeader(), fields, { ttl }), string);
      return Buffer.from(bytes).equals(wanted);
    }),
    runs(200),
  );
});

t.test('random bytes decode or have a named reason; they never throw', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const header = new BierHeader();
      const reason = decodeHeader(bytes, header);
      return reason === undefined ? header.length <= bytes.length : DROP_REASONS.includes(reason);
    }),
    runs(1000),
  );
});

t.test('another attempt has another entropy', async () => {
  fc.assert(
    fc.property(bits(32), fc.integer({ min: 1, max: 1000 }), (flow, attempt) => {
      const entropy = makeEntropy(flow, attempt);
      return entropy >= 0 && entropy < 2 ** 20 && entropy !== makeEntropy(flow, attempt + 1);
    }),
    runs(300),
  );
});
