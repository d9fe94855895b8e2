import { createHash } from 'node:crypto';
import t from 'tap';
import {
  datagramId,
  decodeInner,
  encodeInner,
  type InnerHeader,
  InnerView,
  innerChecksumHolds,
  innerOverhead,
  parseIpv6,
} from '../../src/overlay/index.ts';

const header: InnerHeader = {
  source: parseIpv6('fd63:6173:746c:1:0:aff:fe02:b')!,
  destination: parseIpv6('ff15::1:0:0:0:5')!,
  sourcePort: 8297,
  destinationPort: 8297,
  dscp: 46,
  flowLabel: 0x12345,
};

function encode(fields: Partial<InnerHeader> = {}, payload = 'abc'): Buffer {
  const into = Buffer.alloc(200, 0xee);
  return into.subarray(0, encodeInner(into, { ...header, ...fields }, Buffer.from(payload)));
}

/** Version 6, DSCP 46 and ECN 0, flow label 0x12345; length 11, UDP, hop limit 64; addresses; ports 8297, length 11, checksum. */
const PLAIN =
  '6b812345 000b 11 40 fd636173746c000100000afffe02000b ff150000000000010000000000000005 2069 2069 000b 1f36 616263';

t.test('the bytes of a packet, computed by hand', async (t) => {
  t.equal(encode().toString('hex'), PLAIN.replaceAll(' ', ''));
  t.equal(encode().length, innerOverhead(false) + 3);
});

t.test('an announce is a destination options header of 16 bytes', async (t) => {
  const bytes = encode({ announce: { address: 0xc0a80001, port: 8296 } });
  t.equal(bytes.length, innerOverhead(true) + 3);
  t.equal(bytes.readUInt16BE(4), 16 + 11, 'payload length includes it');
  t.equal(bytes[6], 60, 'destination options follow');
  // Next header UDP, 16 bytes in all; option 0x1e of 6: address and port; PadN of 4.
  t.equal(bytes.subarray(40, 56).toString('hex'), '1101 1e06 c0a80001 2068 0104 00000000'.replaceAll(' ', ''));
  const view = new InnerView();
  t.equal(decodeInner(bytes, view), undefined);
  t.match(view, { announced: true, announcedAddress: 0xc0a80001, announcedPort: 8296 });
  t.ok(innerChecksumHolds(bytes, view), 'the checksum leaves the options out');
});

t.test('a packet among others decodes as it does alone', async (t) => {
  const packet = encode({ announce: { address: 0xc0a80001, port: 8296 } });
  const among = Buffer.concat([Buffer.alloc(77, 0xff), packet, Buffer.alloc(33, 0xff)]);
  const [alone, found] = [new InnerView(), new InnerView()];
  t.equal(decodeInner(packet, alone), undefined);
  t.equal(decodeInner(among, found, 77, 77 + packet.length), undefined);
  t.strictSame(found, alone);
  t.equal(decodeInner(among, found, 77, 76 + packet.length), 'inner-length');
  t.equal(decodeInner(among, found, 77, 77 + 39), 'inner-truncated');
});

t.test('what was encoded decodes to the same', async (t) => {
  const bytes = encode();
  const view = new InnerView();
  view.announced = true;
  t.equal(decodeInner(bytes, view), undefined);
  t.match(view, {
    dscp: 46,
    flowLabel: 0x12345,
    protocol: 17,
    sourcePort: 8297,
    destinationPort: 8297,
    announced: false,
  });
  t.equal(bytes.subarray(view.payloadStart, view.payloadEnd).toString(), 'abc');
  t.ok(innerChecksumHolds(bytes, view));
});

t.test('checksums', async (t) => {
  const view = new InnerView();
  const even = encode({}, 'abcd');
  decodeInner(even, view);
  t.ok(innerChecksumHolds(even, view), 'no odd byte at the end');

  // The words of this packet add up to ffff, computed elsewhere.
  const buffer = Buffer.alloc(100);
  const bytes = buffer.subarray(0, encodeInner(buffer, header, Buffer.from('e39a', 'hex')));
  t.equal(bytes.readUInt16BE(46), 0xffff, 'a checksum of 0 is sent as ffff');
  decodeInner(bytes, view);
  t.ok(innerChecksumHolds(bytes, view));
  bytes.writeUInt16BE(0, 46);
  t.notOk(innerChecksumHolds(bytes, view), 'IPv6 has no "no checksum"');
});

t.test('a flipped bit in addresses, ports or payload is noticed', async (t) => {
  const bytes = encode();
  const view = new InnerView();
  for (let bit = 8 * 8; bit < bytes.length * 8; bit++) {
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    const noticed = decodeInner(bytes, view) !== undefined || !innerChecksumHolds(bytes, view);
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    if (!noticed) t.fail(`bit ${bit} is not`);
  }
  t.equal(decodeInner(bytes, view), undefined);
  t.ok(innerChecksumHolds(bytes, view), 'and all is well without it');
});

t.test('every malformation has its name', async (t) => {
  const view = new InnerView();
  const broken = (change: (bytes: Buffer) => Buffer | undefined, announce = false) => {
    const bytes = encode(announce ? { announce: { address: 1, port: 2 } } : {});
    return decodeInner(change(bytes) ?? bytes, view);
  };
  t.equal(
    broken((b) => b.subarray(0, 39)),
    'inner-truncated',
  );
  t.equal(
    broken((b) => void b.writeUInt8(0x45, 0)),
    'inner-version',
  );
  t.equal(
    broken((b) => b.subarray(0, b.length - 1)),
    'inner-length',
  );
  t.equal(
    broken((b) => Buffer.concat([b, Buffer.alloc(1)])),
    'inner-length',
  );
  t.equal(
    broken((b) => void b.writeUInt16BE(12, 44)),
    'inner-udp-length',
  );
  t.equal(
    broken((b) => {
      b.writeUInt16BE(7, 4);
      return b.subarray(0, 47);
    }),
    'inner-truncated',
    'no room for UDP',
  );
  t.equal(
    broken((b) => {
      b.writeUInt8(60, 6);
      b.writeUInt16BE(7, 4);
      return b.subarray(0, 47);
    }),
    'inner-truncated',
    'no room for options',
  );
  t.equal(
    broken((b) => void b.writeUInt8(9, 41), true),
    'inner-truncated',
    'options longer than the packet',
  );
  t.equal(
    broken((b) => void b.writeUInt8(0x5e, 42), true),
    'inner-option',
    'an option that must not be skipped',
  );
  t.equal(
    broken((b) => void b.writeUInt8(5, 43), true),
    'inner-option',
    'an announce of another length',
  );
  t.equal(
    broken((b) => void b.writeUInt8(200, 43), true),
    'inner-option',
    'an option beyond the header',
  );
  t.equal(
    broken((b) => void b.writeUInt8(0x1e, 50), true),
    'inner-option',
    'a second announce',
  );
  t.equal(
    broken((b) => void b.writeUInt8(0x0f, 50), true),
    undefined,
    'an unknown option may be skipped',
  );
  t.equal(
    broken((b) => void b.writeUInt8(58, 6)),
    undefined,
    'other protocols are for others to judge',
  );
  t.equal(view.protocol, 58);
});

t.test('a packet that does not fit is refused', async (t) => {
  t.throws(() => encodeInner(Buffer.alloc(50), header, Buffer.alloc(3)), /does not fit a buffer/);
  t.throws(() => encodeInner(Buffer.alloc(70_000), header, Buffer.alloc(65_528)), /fits no IPv6 packet/);
});

t.test('the identity is the start of the SHA-256 of the whole packet', async (t) => {
  t.equal(datagramId(encode()), 'de2f5d184fddb0da');
  t.equal(datagramId(encode()), createHash('sha256').update(encode()).digest('hex').slice(0, 16));
});
