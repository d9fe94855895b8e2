import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { commentCapture, placeComments } from '../../lab/observe/capture-comments.ts';
import { Ledger } from '../../lab/observe/ledger.ts';
import { interfaceDescription, packetBlockSize, sectionHeader, writePacketBlock } from '../../lab/observe/pcapng.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';

const sighting = (end: string, way: Sighting['way'], time: number, id: string): Sighting => ({
  ...{ end, way, time, id, biftId: 1, ttl: 8, entropy: 0, bits: '01', bytes: 100 },
  ...{ source: 'fd00::1', destination: 'ff15::1' },
});

/** Two crossings of one datagram, another datagram and a hello in between. */
const sightings = [
  sighting('a>b', 'out', 1, 'd1'),
  sighting('b>a', 'in', 1.5, 'd1'),
  sighting('a>b', 'out', 2, 'd2'),
  sighting('b>a', 'in', 2.5, 'd2'),
  sighting('a>b', 'out', 4, 'd1'),
  sighting('b>a', 'in', 4.5, 'd1'),
];
const others = [{ end: 'a>b', way: 'out' as const, time: 3 }];

t.test('a crossing is found by counting the packets of its link ends', async (t) => {
  const hops = new Ledger(sightings).of('d1');
  const comments = placeComments({ sightings, others }, [{ hops, text: 'twice' }]);
  t.same(Object.fromEntries(comments), {
    'a>b out 0': 'twice (crossing 1 of a>b)',
    'b>a in 0': 'twice (crossing 1 of a>b)',
    'a>b out 3': 'twice (crossing 2 of a>b)',
    'b>a in 2': 'twice (crossing 2 of a>b)',
  });
  t.equal(placeComments({ sightings, others }, []).size, 0);
});

t.test('comments go into the file, and nothing else of it changes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'castlab-comments-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'lab.pcapng');
  const packets = [0, 1, 2, 3].map((number) => {
    const bytes = Buffer.alloc(61 + number, number);
    const words = new Uint32Array(packetBlockSize(bytes.length) / 4);
    const packet = { interface: number % 2, seconds: 1, nanoseconds: number, outgoing: number % 2 === 0, bytes };
    writePacketBlock(words, 0, { ...packet, length: bytes.length });
    return Buffer.from(words.buffer);
  });
  const head = [sectionHeader('castlab'), interfaceDescription('a>b', 512), interfaceDescription('b>a', 512)];
  writeFileSync(file, Buffer.concat([...head, ...packets]));
  await commentCapture(file, ['a>b', 'b>a'], new Map([['a>b out 1', 'seen here']]));
  const blocks: Buffer[] = [];
  const text = readFileSync(file);
  for (let at = 0; at < text.length; at += text.readUInt32LE(at + 4)) {
    blocks.push(text.subarray(at, at + text.readUInt32LE(at + 4)));
  }
  t.same(
    blocks.filter((_, i) => i !== 5),
    [...head, ...packets.filter((_, i) => i !== 2)],
  );
  const commented = blocks[5]!;
  t.equal(commented.readUInt32LE(commented.length - 4), commented.length, 'both lengths of the block');
  t.match(commented.toString('latin1'), 'seen here');
  t.same(readdirSync(folder), ['lab.pcapng'], 'no part is left');
});
