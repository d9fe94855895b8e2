/** tshark with our Lua dissector reads what we send, and reads it as we do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { interfaceDescription, packetBlockSize, sectionHeader, writePacketBlock } from '../../lab/observe/pcapng.ts';
import { SourceDocument } from '../../src/document/index.ts';
import { loadClusterMap } from '../../src/overlay/index.ts';
import { encodeRedirect } from '../../src/tunnel/framing.ts';
import { readLedger, runTopologies, temporaryFolder } from './castlab.ts';
import { overlayDatagram, overlayFrame } from './fixtures/frames.ts';
import { hasPrograms } from './fixtures/needed.ts';
import { startProgram } from './fixtures/programs.ts';
import { tshark } from './fixtures/tshark.ts';

const topology = `name: dissected
defaults: { edge: { rate: 100mbit }, trunk: { rate: 100mbit } }
zones:
  west: { hosts: { i1: initiator, t1: target, t2: target } }
  east: { hosts: { t3: target, t4: target } }
trunks: [{ between: [west, east] }]
overlay: { groups: { ng1: [t1, t2, t3, t4] } }
scenario:
  - send: { from: i1, to: [t2, t3, t4], count: 20, size: 100 }
  - put: { from: i1, size: 64KiB, seed: 3 }
expect: { delivered: all }
`;

const OUTBOUND = '0x00000002';

t.test('a captured run', async (t) => {
  if (!hasPrograms(t, 'tshark')) return;
  const { results } = await runTopologies(t, topology);
  const [result] = results;
  t.equal(result!.outcome, 'pass');
  const rows = await tshark(join(result!.folder, 'lab.pcapng'), 'bier', [
    'frame.packet_flags',
    'frame.interface_name',
    'castlab.bift_id',
    'castlab.ttl',
    'bier.bsl',
    'bier.entropy',
    'bier.bitstring',
    'castlab.bit',
    'bier.proto',
    'bier.bfir-id',
    'ip.len',
    'ipv6.src',
    'ipv6.dst',
    'ipv6.flow',
    'udp.dstport',
  ]);
  const left = rows.filter(([flags]) => flags![0] === OUTBOUND);
  const seen = left.map(([, link, , ttl, , , bits, , , , bytes, source, destination]) =>
    [link, ttl, bits, bytes, source, destination].join(' '),
  );
  const ledger = readLedger(result!);
  const ours = ledger.map(({ link, ttl, bits, bytes, source, destination }) =>
    [link, ttl, bits, bytes, source, destination].join(' '),
  );
  t.ok(ours.length > 500, `${ours.length} crossings`);
  t.same(seen.sort(), ours.sort(), 'every crossing of the ledger, field by field, and nothing else');

  const file = join(result!.folder, 'cluster-map.json');
  const map = loadClusterMap(new SourceDocument(readFileSync(file, 'utf8'), file));
  const label = String(map.groupByName.get('ng1')!.sets[0]!.biftId);
  for (const [, , bift, , bsl, entropy, bits, bit, proto, bfir, , , , flow, ports] of left) {
    if (bift![0] !== label || bsl![0] !== '1' || proto![0] !== '0x06') t.fail(`${bift} ${bsl} ${proto}`);
    if (Number(entropy![0]) !== Number(flow![0])) t.fail(`entropy ${entropy}, flow label ${flow}`);
    const listed = bit!.reduce((all, position) => all | (1n << BigInt(position)), 0n);
    if (listed !== BigInt(`0x${bits![0]}`)) t.fail(`bits ${bit} of ${bits}`);
    if (Number(bfir![0]) > 4) t.fail(`BFIR-id ${bfir}`);
    if (ports![0] !== '8296' || !['8297', '8298'].includes(ports![1]!)) t.fail(`ports ${ports}`);
  }
  const [hello] = await tshark(join(result!.folder, 'lab.pcapng'), 'castlab.hello.kind == 1', [
    'castlab.hello.map_digest',
    'castlab.hello.version',
  ]);
  t.same(hello, [[`0x${map.digest.toString(16).padStart(8, '0')}`], ['0']]);
  t.same(await tshark(join(result!.folder, 'lab.pcapng'), 'castlab.malformed', ['frame.number']), []);
});

/** A capture of these frames. */
function capture(folder: string, frames: readonly Uint8Array[]): string {
  const path = join(folder, 'made.pcapng');
  const blocks = frames.map((bytes, index) => {
    const words = new Uint32Array(packetBlockSize(bytes.length) / 4);
    const time = { seconds: 1, nanoseconds: index * 1000 };
    writePacketBlock(words, 0, { ...time, interface: 0, outgoing: true, bytes, length: bytes.length });
    return Buffer.from(words.buffer);
  });
  writeFileSync(path, Buffer.concat([sectionHeader('test'), interfaceDescription('a>b', 65_535), ...blocks]));
  return path;
}

/** One Ethernet frame with a piece of a TCP stream. */
function segment(bytes: Uint8Array, sequence: number, port = 8296): Buffer {
  const head = Buffer.alloc(54);
  head.writeUInt16BE(0x0800, 12);
  head[14] = 0x45;
  head.writeUInt16BE(40 + bytes.length, 16);
  head[22] = 64;
  head[23] = 6;
  head.set([10, 1, 0, 11, 10, 2, 0, 11], 26);
  head.writeUInt16BE(40_000, 34);
  head.writeUInt16BE(port, 36);
  head.writeUInt32BE(sequence, 38);
  head[46] = 0x50;
  head[47] = 0x18;
  head.writeUInt16BE(65_000, 48);
  return Buffer.concat([head, bytes]);
}

const framed = (datagram: Uint8Array) => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(datagram.length);
  return Buffer.concat([length, datagram]);
};

t.test('datagrams in a TCP stream, wherever it is cut', async (t) => {
  if (!hasPrograms(t, 'tshark')) return;
  const datagrams = [1, 2, 3, 4].map((ttl) => overlayDatagram({ bits: [ttl], ttl, payload: 300 }).datagram);
  // From an owner of a connection, which vouches for targets 0 and 2 of zone 1.
  const hello = Buffer.from('00000007100200010000000900010001' + '05', 'hex');
  const redirect = Buffer.from(encodeRedirect(0x0a02000c));
  const bytes = Buffer.concat([redirect, ...datagrams.slice(0, 3), hello, datagrams[3]!].map(framed));
  const cuts = [0, 100, 400, 401, 800, bytes.length];
  const frames = cuts.slice(1).map((end, i) => segment(bytes.subarray(cuts[i], end), 1 + cuts[i]!));
  const path = capture(temporaryFolder(t), frames);
  const fields = [
    'castlab.ttl',
    'castlab.length',
    'bier.bitstring',
    'castlab.hello.sequence',
    'castlab.hello.vouch.zone',
    'castlab.hello.vouch.alive',
    'castlab.redirect.owner',
    'udp.dstport',
  ];
  const columns = (await tshark(path, 'castlab', fields)).reduce(
    (all, row) => all.map((column, i) => [...column, ...row[i]!]),
    fields.map((): string[] => []),
  );
  t.same(columns, [
    ['1', '2', '3', '4'],
    ['12', ...Array(3).fill(String(datagrams[0]!.length)), '17', String(datagrams[3]!.length)],
    ['0000000000000002', '0000000000000004', '0000000000000008', '0000000000000010'],
    ['9'],
    ['1'],
    ['05'],
    ['10.2.0.12'],
    ['8298', '8298', '8298', '8298'],
  ]);
});

t.test('a connection between zones, as it passes by', async (t) => {
  if (!hasPrograms(t, 'tshark')) return;
  const folder = temporaryFolder(t);
  const { code, lines, stderr } = await startProgram('streamed.ts', [], [folder, '40']).result();
  t.equal(code, 0, stderr);
  const map = loadClusterMap(new SourceDocument(JSON.stringify(lines[0].map), 'map.json'));
  const file = join(folder, 'stream.pcapng');
  const flat = async (filter: string, fields: string[]) =>
    (await tshark(file, filter, fields)).reduce(
      (all, row) => all.map((column, i) => [...column, ...row[i]!]),
      fields.map((): string[] => []),
    );
  const [lengths, labels, ttls, bits, entropies, flows, sources, targets, ports, payloads] = await flat('bier', [
    ...['castlab.length', 'castlab.bift_id', 'castlab.ttl', 'bier.bitstring', 'bier.entropy', 'ipv6.flow'],
    ...['ipv6.src', 'ipv6.dst', 'udp.dstport', 'data.data'],
  ]);
  const all = (value: string) => Array(40).fill(value);
  t.same(labels, all(String(map.groupByName.get('ng1')!.sets[0]!.biftId)));
  t.same(ttls, all('8'), 'handed over inside the zone: no hop yet');
  t.same(bits, all('000000000000000a'), 't2 and t4');
  t.same(entropies!.map(Number), flows!.map(Number));
  t.same(targets, all('ff15:0:0:1::a'));
  t.same(ports, all('8298'));
  t.equal(new Set(sources).size, 1);
  // An announce travels with what an initiator asks.
  t.same(lengths, all(String(20 + 40 + 16 + 8 + 700)));
  t.same(
    payloads!.map((hex) => [hex.length / 2, Number.parseInt(hex.slice(8, 16), 16)]),
    Array.from({ length: 40 }, (_, number) => [700, number]),
    'each once, in order',
  );
  const [digests, zones] = await flat('castlab.hello.kind', ['castlab.hello.map_digest', 'castlab.hello.vouch.zone']);
  t.same([...new Set(digests)], [`0x${map.digest.toString(16).padStart(8, '0')}`]);
  t.same([...new Set(zones)].sort(), ['0', '1'], 'each end vouches for its zone');
  t.same(await tshark(file, 'castlab.malformed', ['frame.number']), []);
});

t.test('other things on the port, other ports', async (t) => {
  if (!hasPrograms(t, 'tshark')) return;
  const folder = temporaryFolder(t);
  const tls = Buffer.from('1603010100010000fc0303', 'hex');
  const { frame } = overlayFrame({ bits: [0], payload: 50 });
  const garbage = Buffer.from(frame);
  garbage[14 + 28 + 4] = 0x70;
  const cut = Buffer.from(overlayFrame({ bits: [0], payload: 50 }).frame);
  cut[14 + 28 + 5] = 0x70; // a bit string of 4096 bits that is not there
  const hello = Buffer.concat([frame.subarray(0, 42), Buffer.from('00000001100100', 'hex')]);
  hello.writeUInt16BE(20 + 8 + 7, 16);
  hello.writeUInt16BE(8 + 7, 38);
  const path = capture(folder, [segment(tls, 1), frame, garbage, cut, hello]);
  const rows = await tshark(path, 'frame', ['castlab.ttl', 'castlab.malformed', 'bier.bitstring']);
  t.same(
    rows.map(([ttl, malformed, bits]) => [ttl!.length, malformed!.length, bits!.length]),
    [
      [0, 0, 0],
      [1, 0, 1],
      [0, 1, 0],
      [0, 1, 0],
      [0, 1, 0],
    ],
    'TLS is left alone, what is no datagram is marked',
  );
  const elsewhere = await tshark(path, 'castlab', ['castlab.ttl'], '-o', 'castlab.port:9000');
  t.same(elsewhere, [], 'with the preference for another port');
});

t.test('a bit string of 4096 bits', async (t) => {
  if (!hasPrograms(t, 'tshark')) return;
  const { datagram } = overlayDatagram({ bits: [0], payload: 50 });
  const long = Buffer.concat([datagram.subarray(0, 12), Buffer.alloc(512), datagram.subarray(20)]);
  long[5] = 0x70 | (long[5]! & 0xf);
  long[12] = 0x80;
  long[523] = 0x05;
  const head = Buffer.from(overlayFrame({ bits: [0], payload: 50 }).frame.subarray(0, 42));
  head.writeUInt16BE(28 + long.length, 16);
  head.writeUInt16BE(8 + long.length, 38);
  const path = capture(temporaryFolder(t), [Buffer.concat([head, long])]);
  const [row] = await tshark(path, 'bier', ['bier.bsl', 'castlab.bit', 'ipv6.dst']);
  t.same(row, [['7'], ['0', '2', '4095'], ['ff15:0:0:1::5']]);
});
