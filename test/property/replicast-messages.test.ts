import fc from 'fast-check';
import t from 'tap';
import { contentHash, decodeMessage, encodeMessage, Kind, PREFIX_BYTES } from '../../src/replicast/index.ts';

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
