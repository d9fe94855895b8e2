import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { CAPTURE_FILE } from '../../lab/observe/capture.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';
import { runInside } from '../bench/child.ts';
import { startProgram, users } from './fixtures/programs.ts';

/** The way from a to c: each link end on it, and how a datagram passes it. */
const WAY = [
  'a>west out',
  'west>a in',
  'west>core out',
  'core>west in',
  'core>east out',
  'east>core in',
  'east>c out',
  'c>east in',
];
const COUNT = 200;

for (const [name, user] of Object.entries(users)) {
  t.test(`as ${name}: every datagram is seen at every link end it passes, in order, at the right time`, async (t) => {
    const { code, lines, stderr } = await startProgram('captured.ts', user, ['-', String(COUNT)]).result();
    t.equal(code, 0, stderr);
    const [summary, sightings] = lines as [
      { [key: string]: unknown; sent: { id: string; at: number; done: number }[] },
      Sighting[],
    ];
    t.equal(summary['dropped'], 0);
    t.equal(summary['frames'], (COUNT + 1) * WAY.length, 'one frame is not of the overlay, but goes to its port');
    t.same(summary['ignored'], { 'wrong-nibble': WAY.length });
    t.equal(sightings.length, COUNT * WAY.length);
    t.ok(
      sightings.every(({ time }, i) => i === 0 || time >= sightings[i - 1]!.time),
      'in order of time',
    );
    const byId = new Map<string, Sighting[]>();
    for (const sighting of sightings) byId.set(sighting.id, [...(byId.get(sighting.id) ?? []), sighting]);
    t.equal(byId.size, COUNT);
    for (const [index, { id, at, done }] of summary.sent.entries()) {
      const seen = byId.get(id) ?? [];
      const way = seen.map(({ end, way }) => `${end} ${way}`);
      // The clocks differ by less than the microsecond that setting them together may cost.
      const inTime = seen.every(({ time }) => time > at - 0.001) && seen[0]!.time < done + 0.001;
      const same = seen.every(({ replicast, bits }) => replicast?.index === index && bits === '0000000000000005');
      if (way.join() !== WAY.join() || !inTime || !same) t.same({ id, at, done, seen }, undefined);
    }
  });
}

t.test('the file has the same frames, by link end, in order of time', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'castlab-capture-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { code, stderr } = await startProgram('captured.ts', [], [folder, String(COUNT)]).result();
  t.equal(code, 0, stderr);
  const file = readFileSync(join(folder, CAPTURE_FILE));
  const names: string[] = [];
  const packets: { name: string; time: bigint; length: number; kept: number }[] = [];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    const type = file.readUInt32LE(at);
    if (type === 1) names.push(file.toString('latin1', at + 20, at + 20 + file.readUInt16LE(at + 18)));
    if (type === 6) {
      const time = (BigInt(file.readUInt32LE(at + 12)) << 32n) | BigInt(file.readUInt32LE(at + 16));
      const [kept, length] = [file.readUInt32LE(at + 20), file.readUInt32LE(at + 24)];
      packets.push({ name: names[file.readUInt32LE(at + 8)]!, time, kept, length });
    }
  }
  t.equal(packets.length, (COUNT + 1) * WAY.length);
  t.ok(
    packets.every(({ time }, i) => i === 0 || time >= packets[i - 1]!.time),
    'in order of time',
  );
  for (const end of WAY.map((step) => step.split(' ')[0])) {
    t.equal(packets.filter(({ name }) => name === end).length, COUNT + 1, end ?? '');
  }
  const data = packets.filter(({ length }) => length > 512);
  t.ok(data.length > 0 && data.every(({ kept }) => kept === 192), 'of data, the headers are kept');
  t.ok(
    packets.every(({ length, kept }) => length > 512 || kept === length),
    'the rest is kept whole',
  );

  const again = await startProgram('captured.ts', [], [folder, '1']).result();
  t.not(again.code, 0);
  t.match(again.stderr, /EEXIST/, 'it is never overwritten');
});

t.test('super-packets cross links in pieces', async (t) => {
  for (const [mode, largest] of [
    ['exact', 1514],
    ['super-packets', 60_000],
  ] as const) {
    const { code, lines, stderr } = await startProgram('segments.ts', [], [mode]).result();
    t.equal(code, 0, stderr);
    if (mode === 'exact') t.equal(lines[0].longest, largest);
    else t.ok(lines[0].longest > 1514, `without that, the kernel does pass ${lines[0].longest} bytes at once`);
    t.equal(lines[0].received, 1_000_000);
  }
});

t.test('at 50,000 datagrams a second every frame is seen, or counted as missed', async (t) => {
  const { figures } = await runInside('capture', 50_000, 50_000);
  t.comment(
    `${figures['dropped']} of ${4 * figures['sent']!} frames missed at ${figures['perSecond']!.toFixed(0)} datagrams/s`,
  );
  t.equal(figures['unaccounted'], 0);
  t.ok(figures['seen']! > 0);
});
