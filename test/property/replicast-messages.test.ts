import fc from 'fast-check';
import t from 'tap';
import { BufferPool, reassemblies } from '../../src/pmu/index.ts';
import { everyBit } from '../../src/replicast/bitmap.ts';
import {
  contentHash,
  decodeMessage,
  encodeMessage,
  encodePiece,
  GeneratedContent,
  Kind,
  kindOfAll,
  PREFIX_BYTES,
  replicastSettings,
  Target,
} from '../../src/replicast/index.ts';

/** Cases of each property; more of them with CASTLAB_PROPERTY_RUNS. */
const RUNS = 50 * Number(process.env['CASTLAB_PROPERTY_RUNS'] ?? 60);

t.test('no bytes make the decoder throw', async (t) => {
  const kinds = Object.values(Kind);
  const prefix = fc.tuple(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 300 })).map(([kind, body]) => {
    const bytes = new Uint8Array(PREFIX_BYTES + body.length);
    bytes.set([1, kind, 1]);
    bytes.set(body, PREFIX_BYTES);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), prefix), (bytes) => {
      const message = decodeMessage(bytes);
      return typeof message === 'string' ? /^[a-z][a-zA-Z-]+$/.test(message) : message.attempt > 0;
    }),
    { numRuns: RUNS },
  );
  t.pass(`${RUNS} payloads`);
});

t.test('a damaged message is refused or well-formed, never half of it', async (t) => {
  const original = encodeMessage({
    kind: 'PutProposal',
    txn: 7,
    attempt: 1,
    group: 'ng1',
    hash: contentHash(Buffer.from('x')),
    length: 5000,
    replicas: 3,
    datagram: 1400,
    notBefore: 0,
    rate: 1e9,
    span: 1.4,
    patience: 2,
  });
  const damage = fc.array(fc.tuple(fc.nat({ max: original.length - 1 }), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = new Uint8Array(original);
      for (const [at, value] of changes) bytes[at] = value;
      const message = decodeMessage(bytes);
      if (typeof message === 'string' || message.kind !== 'PutProposal') return true;
      return (
        message.length >= 1 &&
        Number.isInteger(message.replicas) &&
        message.hash.length === 64 &&
        Number.isFinite(message.notBefore + message.rate + message.span + message.patience)
      );
    }),
    { numRuns: RUNS },
  );
  t.pass(`${RUNS} messages`);
});

t.test('pieces that come together are taken as one after the other', async (t) => {
  const chunk = new GeneratedContent(1).next(20_000);
  const stream = { kind: 'Data' as const, txn: 7, attempt: 1, repair: false, chunk, datagram: 1000 };
  const pieces = everyBit(20).map((index) => encodePiece(stream, index));
  const piece = fc.record({
    index: fc.nat(19),
    damage: fc.option(fc.tuple(fc.nat(PREFIX_BYTES + 10), fc.nat(255)), { freq: 8 }),
  });
  let stored = 0;
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...everyBit(20)], { minLength: 20 }),
      fc.array(piece),
      fc.nat(16),
      (order, some, most) => {
        const datagrams = [...some, ...order.map((index) => ({ index, damage: null }))].map(({ index, damage }) => {
          const bytes = Buffer.from(pieces[index]!);
          if (damage) bytes[damage[0]] = damage[1];
          return bytes;
        });
        const [single, together] = [receiver(chunk), receiver(chunk)];
        const one = datagrams.flatMap((payload) => single.handle({ kind: 'datagram', source: 'i1', payload }, 5));
        const all: unknown[] = [];
        for (let at = 0; at < datagrams.length; at += most + 1) {
          // As in a message of the underlay, each with some bytes before and after.
          const part = datagrams.slice(at, at + most + 1);
          const parts = part.map((bytes) => Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(2)]));
          const messages = { bytes: Buffer.concat(parts), step: parts[0]!.length, start: 3, end: parts[0]!.length - 2 };
          if (kindOfAll(messages) === Kind.Data)
            all.push(...together.handle({ kind: 'data', source: 'i1', messages }, 5));
          else for (const payload of part) all.push(...together.handle({ kind: 'datagram', source: 'i1', payload }, 5));
        }
        t.strictSame(all, one);
        t.strictSame(together.context.counters.toJSON(), single.context.counters.toJSON());
        if (one.some(({ kind }) => kind === 'store')) stored++;
      },
    ),
    { numRuns: 200 },
  );
  t.ok(stored > 20, `${stored} chunks were whole`);
});

/** A target that has been chosen for a chunk. */
function receiver(chunk: Uint8Array): Target {
  const target = new Target({
    name: 't1',
    settings: replicastSettings({}),
    membership: {
      members: () => ['t1'],
      partitions: ['ng'],
      targetAt: () => undefined,
    },
    store: { length: () => undefined, hasRoom: () => true },
    createReassembly: reassemblies(new BufferPool()),
    maxPayload: () => 1020,
  });
  const of = { txn: 7, attempt: 1, group: 'ng' };
  const proposal = {
    kind: 'PutProposal' as const,
    ...of,
    hash: contentHash(chunk),
    length: chunk.length,
    replicas: 1,
    datagram: 1000,
    notBefore: 0,
    rate: 1e9,
    span: 1.4,
    patience: 2,
  };
  const accept = { kind: 'PutAccept' as const, ...of, members: Uint8Array.of(1), windows: [{ start: 0, length: 10 }] };
  target.handle({ kind: 'message', source: 'i1', message: proposal }, 1);
  target.handle({ kind: 'message', source: 'i1', message: accept }, 2);
  return target;
}
