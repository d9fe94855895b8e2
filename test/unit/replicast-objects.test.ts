import { createHash } from 'node:crypto';
import t from 'tap';
import {
  contentHash,
  decodeManifest,
  encodeManifest,
  GeneratedContent,
  groupOf,
  isContentHash,
  looksLikeManifest,
  replicastSettings,
  reservedRate,
  settingsSchema,
  transferTime,
} from '../../src/replicast/index.ts';

t.test('a manifest lists its chunks in order', async (t) => {
  const entries = Array.from({ length: 3000 }, (_, i) => ({ hash: contentHash(Buffer.from(`${i}`)), length: i + 1 }));
  const bytes = encodeManifest(entries);
  t.same(decodeManifest(bytes), entries);
  t.ok(looksLikeManifest(bytes));
  t.same(decodeManifest(encodeManifest([])), []);
});

t.test('what is no manifest is refused', async (t) => {
  const bytes = encodeManifest([{ hash: contentHash(Buffer.from('x')), length: 5 }]);
  t.notOk(looksLikeManifest(Buffer.from('some text')));
  t.throws(() => decodeManifest(Buffer.from('some text that is long enough for a header')), /not a manifest/);
  t.throws(() => decodeManifest(bytes.subarray(0, bytes.length - 1)), /of 1 chunks has/);
  const empty = encodeManifest([{ hash: contentHash(Buffer.from('x')), length: 0 }]);
  t.throws(() => decodeManifest(empty), /cannot have 0 bytes/);
  t.throws(() => encodeManifest(Array(300_000).fill({ hash: '00'.repeat(32), length: 1 })), RangeError);
});

t.test('generated content is the same for the same seed, whatever the pieces', async (t) => {
  const whole = new GeneratedContent(7).next(100_000);
  const pieces = new GeneratedContent(7);
  t.same(Buffer.concat([pieces.next(1), pieces.next(33_333), pieces.next(66_666)]), whole);
  t.notSame(new GeneratedContent(8).next(16), whole.subarray(0, 16));
  t.equal(
    createHash('sha256').update(new GeneratedContent('7').next(64)).digest('hex'),
    'adc55d9533d1badc4ce259e744adae7d03f28690fb3fa27e51b2234a1f4928c2',
    'and will be the same tomorrow',
  );
});

t.test('a hash names its chunk and chooses its group', async (t) => {
  const hash = contentHash(Buffer.from('abc'));
  t.equal(hash, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'FIPS 180-4, "abc"');
  t.ok(isContentHash(hash));
  t.notOk(isContentHash(hash.toUpperCase()));
  t.notOk(isContentHash(`${hash}0`));
  const counts = new Map<string, number>();
  for (let i = 0; i < 3000; i++) {
    const group = groupOf(contentHash(Buffer.from(`${i}`)), ['a', 'b', 'c']);
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  for (const [group, count] of counts) t.ok(count > 900 && count < 1100, `${group}: ${count}`);
});

t.test('settings: defaults, bounds, unknown names', async (t) => {
  const settings = replicastSettings();
  t.match(settings, { chunkSize: 1 << 20, replicas: 3, mode: 'multicast', choosy: true, attempts: 5, inFlight: 4 });
  t.equal(reservedRate(settings), 0.891e9, '90% of 1 Gbit/s, and just under it');
  t.equal(transferTime(1000, 1000, 250, 1e6), 10, '1,250 bytes at 1 Mbit/s');
  t.equal(transferTime(1001, 1000, 250, 1e6), 12.008, 'a second datagram has its own overhead');
  for (const wrong of [
    { chunkSize: 1000 },
    { chunkSize: 9 << 20 },
    { capacity: 0 },
    { mode: 'fast' },
    { choosey: true },
  ]) {
    t.notOk(settingsSchema.safeParse(wrong).success, JSON.stringify(wrong));
  }
});
