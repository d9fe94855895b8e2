import fc from 'fast-check';
import t from 'tap';
import { withWires } from '../../lab/links/wire-ends.ts';
import { completeChecksum, damageFrame } from '../../lab/links/wire-frame.ts';
import { keyOf } from '../../lab/links/wire-key.ts';
import { Rules } from '../../lab/links/wire-rules.ts';
import { Schedule } from '../../lab/links/wire-schedule.ts';
import { type Dissected, Dissector } from '../../lab/observe/dissect.ts';
import { OFFLOAD_HEADER } from '../../src/kernel/index.ts';
import { Kind } from '../../src/replicast/index.ts';
import { overlayFrame } from '../lab/fixtures/frames.ts';
import { twoZones } from '../lab/fixtures/topologies.ts';

function datagram(kind: number, index: number, attempt = 1): Dissected {
  const replicast = { kind, attempt, flags: 0, txn: 1, index, count: 10 };
  const found = new Dissector().dissect(overlayFrame({ bits: [1], payload: 10, replicast }).frame);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

t.test('rules: all that is named must fit', async (t) => {
  const drops = (rule: object, seen: Dissected) => new Rules([{ action: 'drop', ...rule }]).match(seen) !== undefined;
  const seventh = datagram(Kind.Data, 7, 2);
  t.ok(drops({}, seventh));
  t.ok(drops({ kind: Kind.Data, index: [6, 7], attempt: 2, groupId: 1 }, seventh));
  t.notOk(drops({ kind: Kind.ChunkAck }, seventh));
  t.notOk(drops({ index: [6] }, seventh));
  t.notOk(drops({ attempt: 1 }, seventh));
  t.notOk(drops({ groupId: 2 }, seventh));
  const { replicast: _, ...plain } = seventh;
  t.notOk(drops({ index: [7] }, plain), 'what is no Replicast message has no index');
  t.notOk(drops({ groupId: 1 }, { ...seventh, destination: 'fd63::1' }), 'unicast goes to no group');
});

t.test('rules: the nth that fits the rest; the first rule that matches acts', async (t) => {
  const rules = new Rules([
    { action: 'drop', kind: Kind.Data, nth: 2 },
    { action: 'duplicate', index: [1, 2] },
  ]);
  const acts = [0, 1, 2, 3].map((index) => rules.match(datagram(Kind.Data, index))?.action);
  t.same(acts, [undefined, 'drop', 'duplicate', undefined]);
  t.ok(new Rules([]).isEmpty);
});

t.test('what chance goes by is the same in every run', async (t) => {
  const key = keyOf(datagram(Kind.Data, 7, 2));
  const { replicast, ...plain } = datagram(Kind.Data, 7, 2);
  t.equal(
    keyOf({ ...plain, replicast: { ...replicast!, txn: '00000000000000aa' }, id: 'ffffffffffffffff', bits: '01' }),
    key,
  );
  for (const other of [datagram(Kind.Data, 8, 2), datagram(Kind.Data, 7, 1), datagram(Kind.ChunkAck, 7, 2)]) {
    t.not(keyOf(other), key);
  }
  t.not(keyOf({ ...plain, replicast: replicast!, destination: 'ff15::1' }), key);
  t.equal(keyOf(plain), keyOf({ ...plain, id: '0000000000000000' }));
  t.not(keyOf({ ...plain, bytes: plain.bytes + 1 }), keyOf(plain));
});

t.test('schedule: by time, and of the same time in the order of coming', async (t) => {
  const event = fc.oneof(
    fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ take: fc.integer({ min: 0, max: 20 }) }),
  );
  const result = fc.check(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const schedule = new Schedule<number>();
      const model: { at: number; item: number }[] = [];
      return events.every((event, item) => {
        if ('add' in event) {
          schedule.add(event.add, item);
          model.push({ at: event.add, item });
          model.sort((a, b) => a.at - b.at || a.item - b.item);
        } else {
          const expected = model[0] && model[0].at <= event.take ? model.shift()!.item : undefined;
          if (schedule.take(event.take) !== expected) return false;
        }
        return schedule.size === model.length && schedule.next === (model[0]?.at ?? Number.POSITIVE_INFINITY);
      });
    }),
    { numRuns: 500 },
  );
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
});

t.test('a checksum that was left to the hardware is filled in before a frame is damaged', async (t) => {
  // UDP from 10.0.0.1:1 to 10.0.0.2:2 with 3 bytes of payload; its checksum worked out by hand.
  const bytes = Buffer.alloc(OFFLOAD_HEADER + 14 + 20 + 8 + 3);
  const udp = OFFLOAD_HEADER + 34;
  const pseudo = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 17 + 11;
  bytes.writeUInt16BE(1, udp);
  bytes.writeUInt16BE(2, udp + 2);
  bytes.writeUInt16BE(11, udp + 4);
  bytes.writeUInt16BE(pseudo, udp + 6);
  bytes.set([1, 2, 3], udp + 8);
  bytes[0] = 1;
  bytes.writeUInt16LE(34, 6);
  bytes.writeUInt16LE(6, 8);
  const whole = Buffer.from(bytes);
  completeChecksum(whole);
  t.equal(whole.readUInt16BE(udp + 6), 0xffff - (pseudo + 1 + 2 + 11 + 0x0102 + 0x0300));
  t.same(whole.subarray(0, OFFLOAD_HEADER), Buffer.alloc(OFFLOAD_HEADER), 'nothing is left to be done');

  const again = Buffer.from(whole);
  completeChecksum(again);
  t.same(again, whole, 'a frame whose checksum is there stays as it is');

  const result = fc.check(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat({ max: 7 }), (place, bit) => {
      const damaged = Buffer.from(bytes);
      damageFrame(damaged, { place, bit });
      const different = [...damaged].flatMap((byte, i) => (byte === whole[i] ? [] : [i]));
      return different.length === 1 && different[0]! >= OFFLOAD_HEADER + 14;
    }),
  );
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
});

t.test(
  'a plan with wires: both ends of each in one namespace, before anything else; without wires it stays as it is',
  async (t) => {
    const plain = twoZones();
    t.equal(withWires(plain), plain);
    const plan = twoZones();
    plan.links.find(({ name }) => name === 'west--core')!.backend = 'wire';
    const wired = withWires(plan);
    t.equal(wired.namespaces.length, plan.namespaces.length + 1);
    t.same(wired.batches.slice(0, 2), [
      {
        tool: 'ip',
        lines: [
          'link add index 10004 name core netns west gso_max_segs 1 type veth peer name w0a netns castlab.wires',
          'link add index 10004 name west netns core gso_max_segs 1 type veth peer name w0b netns castlab.wires',
        ],
      },
      { namespace: 'castlab.wires', tool: 'ip', lines: ['link set dev w0a up', 'link set dev w0b up'] },
    ]);
    t.same(wired.batches.slice(2), plan.batches);
  },
);
