import fc from 'fast-check';
import t from 'tap';
import { Dissector } from '../../lab/observe/dissect.ts';
import { DROP_REASONS, datagramId } from '../../src/overlay/index.ts';
import { Kind } from '../../src/replicast/index.ts';
import { overlayFrame } from '../lab/fixtures/frames.ts';

const dissector = new Dissector();

t.test('a Replicast datagram: every field', async (t) => {
  const { frame, inner } = overlayFrame({
    bits: [0, 2, 63],
    ttl: 7,
    entropy: 0xabcde,
    biftId: 0x12345,
    replicast: { kind: Kind.Data, attempt: 2, flags: 0, txn: 0x0123456789abc, index: 7, count: 740 },
    payload: 1000,
    announce: true,
  });
  t.same(dissector.dissect(frame), {
    id: datagramId(inner),
    biftId: 0x12345,
    ttl: 7,
    entropy: 0xabcde,
    bits: '8000000000000005',
    bytes: frame.length - 14,
    source: 'fd63:6173:746c:1:0:aff:fe01:b',
    destination: 'ff15:0:0:1::5',
    replicast: { kind: Kind.Data, txn: '0000123456789abc', attempt: 2, index: 7, count: 740 },
  });
});

t.test('its identity does not depend on what changes on its way', async (t) => {
  const near = dissector.dissect(overlayFrame({ bits: [0, 1, 2], ttl: 8, payload: 100 }).frame);
  const far = dissector.dissect(overlayFrame({ bits: [2], ttl: 6, payload: 100 }).frame);
  const other = dissector.dissect(overlayFrame({ bits: [2], ttl: 6, payload: 101 }).frame);
  if (typeof near === 'string' || typeof far === 'string' || typeof other === 'string') return t.fail('no datagram');
  t.equal(near.id, far.id);
  t.not(near.bits, far.bits);
  t.not(near.id, other.id);
  t.notOk('replicast' in near, 'it is no Replicast message');
});

t.test('Ethernet padding and IPv4 options are no part of it', async (t) => {
  const plain = dissector.dissect(overlayFrame({ bits: [1], payload: 0 }).frame);
  const { frame } = overlayFrame({ bits: [1], payload: 0, options: 8 });
  const odd = dissector.dissect(Buffer.concat([frame, Buffer.alloc(30, 0xee)]));
  if (typeof plain === 'string' || typeof odd === 'string') return t.fail('no datagram');
  t.equal(odd.id, plain.id);
  t.equal(odd.bytes, plain.bytes + 8);
});

t.test('what is no overlay datagram has its reason', async (t) => {
  const reason = (change: (frame: Buffer) => Buffer | undefined) => {
    const { frame } = overlayFrame({ bits: [1], payload: 50 });
    return dissector.dissect(change(frame) ?? frame);
  };
  const put = (offset: number, value: number) => (frame: Buffer) => {
    frame[offset] = value;
    return undefined;
  };
  t.equal(
    reason((frame) => frame.subarray(0, 30)),
    'truncated',
  );
  t.equal(
    reason((frame) => frame.subarray(0, frame.length - 1)),
    'truncated',
  );
  t.equal(reason(put(12, 0x86)), 'not-ipv4');
  t.equal(reason(put(14, 0x65)), 'not-ipv4');
  t.equal(reason(put(14, 0x44)), 'truncated');
  t.equal(reason(put(23, 6)), 'not-udp');
  t.equal(reason(put(20, 0x20)), 'fragment');
  t.equal(reason(put(21, 1)), 'fragment');
  t.equal(reason(put(36, 0)), 'other-port');
  t.equal(reason(put(39, 9)), 'truncated');
  t.equal(reason(put(46, 0x15)), 'wrong-nibble');
  t.equal(reason(put(51, 1)), 'wrong-protocol');
  t.equal(reason(put(62, 0x40)), 'inner-version');
  t.equal(reason(put(67, 1)), 'inner-length');
  t.equal(new Dissector(1).dissect(overlayFrame({ bits: [1], payload: 0 }).frame), 'other-port');
});

t.test('random bytes never make it throw, nor invent what is not there', async (t) => {
  const reasons = new Set<string>(['not-ipv4', 'fragment', 'not-udp', 'other-port', ...DROP_REASONS]);
  const sound = (bytes: Uint8Array) => {
    const result = dissector.dissect(bytes);
    return typeof result === 'string' ? reasons.has(result) : /^[0-9a-f]{16}$/.test(result.id);
  };
  const { frame } = overlayFrame({
    bits: [0, 9],
    payload: 60,
    announce: true,
    replicast: { kind: 1, attempt: 1, flags: 0, txn: 1, index: 0, count: 0 },
  });
  const mutated = fc
    .array(fc.tuple(fc.nat({ max: frame.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 8 })
    .map((changes) => {
      const copy = Buffer.from(frame);
      for (const [at, value] of changes) copy[at] = value;
      return copy;
    });
  const cut = fc.nat({ max: frame.length }).map((length) => frame.subarray(0, length));
  for (const [arbitrary, numRuns] of [
    [fc.uint8Array({ maxLength: 200 }), 2_000],
    [mutated, 20_000],
    [cut, 500],
  ] as const) {
    const result = fc.check(fc.property<[Uint8Array]>(arbitrary, sound), { numRuns });
    t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
  }
});
