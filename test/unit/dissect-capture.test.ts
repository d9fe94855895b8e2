import fc from 'fast-check';
import t from 'tap';
import { shareRings } from '../../lab/observe/capture.ts';
import { SightingLog, unpackSightings } from '../../lab/observe/capture-log.ts';
import { interfaceDescription, packetBlockSize, sectionHeader, writePacketBlock } from '../../lab/observe/pcapng.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';

const word = fc.integer({ min: 0, max: 0xffffffff });
const byte = fc.integer({ min: 0, max: 255 });
const id = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const sighting: fc.Arbitrary<Sighting> = fc
  .record({
    end: fc.constantFrom('a>b', 'b>a', 'b>c'),
    way: fc.constantFrom('in' as const, 'out' as const),
    time: fc.double({ min: 0, max: 1e9, noNaN: true }),
    id,
    biftId: fc.integer({ min: 0, max: 0xfffff }),
    ttl: byte,
    entropy: fc.integer({ min: 0, max: 0xfffff }),
    bits: fc.constantFrom('00', '01ff'),
    bytes: fc.integer({ min: 28, max: 65535 }),
    source: fc.constantFrom('fd63::1', 'fd63::2'),
    destination: fc.constantFrom('ff15::1', 'ff15::2'),
    replicast: fc.option(fc.record({ kind: byte, txn: id, attempt: byte, index: word, count: word }), {
      nil: undefined,
    }),
  })
  .map(({ replicast, ...rest }) => (replicast ? { ...rest, replicast } : rest));

t.test('sightings come out of the log as they went in, in order of time', async (t) => {
  const result = fc.check(
    fc.property(fc.array(sighting, { maxLength: 50 }), (sightings) => {
      const log = new SightingLog();
      for (const { end, way, time, ...datagram } of sightings) log.append(datagram, end, way, time);
      const expected = sightings.map((s, i) => ({ s, i })).sort((a, b) => a.s.time - b.s.time || a.i - b.i);
      t.same(
        unpackSightings(structuredClone(log.pack())),
        expected.map(({ s }) => s),
      );
      return true;
    }),
    { numRuns: 100 },
  );
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
});

t.test('many sightings of one datagram share it', async (t) => {
  const log = new SightingLog();
  const [{ end, way, time, ...datagram }] = fc.sample(sighting, 1) as [Sighting];
  for (let i = 0; i < 10_000; i++) log.append(datagram, end, way, i);
  const packed = log.pack();
  t.equal(packed.datagrams.rows, 1);
  t.equal(packed.sightings.rows, 10_000);
  t.equal(unpackSightings(packed).at(-1)?.time, 9_999);
  t.type(time, 'number');
});

/** The blocks of a pcapng file, with the sizes at both ends checked. */
function blocks(file: Buffer): { type: number; body: Buffer }[] {
  const found = [];
  for (let at = 0; at < file.length; ) {
    const size = file.readUInt32LE(at + 4);
    if (size % 4 !== 0 || file.readUInt32LE(at + size - 4) !== size) throw new Error(`sizes differ at ${at}`);
    found.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + size - 4) });
    at += size;
  }
  return found;
}

t.test('pcapng: a section, named interfaces with nanoseconds, packets with direction', async (t) => {
  const seconds = 1_795_233_091;
  const nanoseconds = 828_156_092;
  const bytes = Buffer.from('frame');
  const room = new Uint32Array(1 + packetBlockSize(bytes.length) / 4).fill(0xffffffff);
  writePacketBlock(room, 1, { interface: 1, seconds, nanoseconds, outgoing: true, bytes, length: 1500 });
  const file = Buffer.concat([
    sectionHeader('castlab'),
    interfaceDescription('east>core', 512),
    interfaceDescription('core>east', 512),
    Buffer.from(room.buffer, 4),
  ]);
  const [section, first, , packet] = blocks(file);
  t.equal(section!.type, 0x0a0d0d0a);
  t.equal(section!.body.readUInt32LE(0), 0x1a2b3c4d);
  t.equal(first!.type, 1);
  t.equal(first!.body.readUInt16LE(0), 1, 'Ethernet');
  t.ok(first!.body.includes('east>core'));
  t.ok(first!.body.includes(Buffer.from([9, 0, 1, 0, 9, 0, 0, 0])), 'if_tsresol 9');
  t.equal(packet!.type, 6);
  const time = (BigInt(packet!.body.readUInt32LE(4)) << 32n) | BigInt(packet!.body.readUInt32LE(8));
  t.equal(time, BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
  t.equal(packet!.body.readUInt32LE(0), 1);
  t.equal(packet!.body.readUInt32LE(12), 5, 'kept');
  t.equal(packet!.body.readUInt32LE(16), 1500, 'on the link');
  t.same(packet!.body.subarray(20, 28), Buffer.from('frame\0\0\0'));
  t.same(packet!.body.subarray(28), Buffer.from([2, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0]), 'outbound');
});

t.test('pcapng: every time of this and the next century is exact', async (t) => {
  const result = fc.check(
    fc.property(word, fc.integer({ min: 0, max: 999_999_999 }), (seconds, nanoseconds) => {
      const room = new Uint32Array(packetBlockSize(0) / 4);
      writePacketBlock(room, 0, {
        interface: 0,
        seconds,
        nanoseconds,
        outgoing: false,
        bytes: Buffer.alloc(0),
        length: 0,
      });
      return (BigInt(room[3]!) << 32n) + BigInt(room[4]!) === BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    }),
  );
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
});

t.test('rings: by weight, within bounds', async (t) => {
  t.same(shareRings([]), []);
  t.same(shareRings([8, 1, 1]), [1024, 204, 204]);
  const star = shareRings([8, ...Array(100).fill(1)]);
  t.same([star[0], star[1]], [151, 18]);
  t.equal(shareRings(Array(5000).fill(1))[0], 8);
});
