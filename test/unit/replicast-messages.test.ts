import t from 'tap';
import {
  contentHash,
  decodeMessage,
  decodePrefix,
  encodeMessage,
  encodePiece,
  Flag,
  Kind,
  kindName,
  type Message,
  PREFIX_BYTES,
  txnHex,
} from '../../src/replicast/index.ts';

const hash = contentHash(Buffer.from('a chunk'));
const of = { txn: 0x1f_0203_0405_0607, attempt: 3 };

const messages: Exclude<Message, { kind: 'Data' | 'GetData' }>[] = [
  {
    kind: 'PutProposal',
    ...of,
    group: 'ng1',
    hash,
    length: 1 << 20,
    replicas: 3,
    datagram: 1384,
    notBefore: 1.25,
    rate: 891e6,
    span: 1.4,
    patience: 4,
  },
  {
    kind: 'PutProposal',
    ...of,
    group: 'ng1',
    hash,
    length: 7,
    replicas: 1,
    datagram: 1384,
    notBefore: 0,
    rate: 1e6,
    span: 1,
    patience: 0,
    whole: true,
    payload: new Uint8Array([1, 2, 3, 4, 5, 6, 7]),
  },
  { kind: 'PutBid', ...of, held: 0.1, status: 'window', start: 0.5, length: 14.7, rate: 891e6, queue: 2 },
  {
    kind: 'PutBid',
    ...of,
    held: 0,
    status: 'window',
    start: 0,
    length: 1,
    rate: 1,
    queue: 0,
    missing: new Uint8Array([0x80, 1]),
  },
  { kind: 'PutBid', ...of, held: 0.3, status: 'already-stored', hash },
  { kind: 'PutBid', ...of, held: 0, status: 'storing' },
  { kind: 'PutBid', ...of, held: 0, status: 'not-now', retry: 50, why: 'no space' },
  {
    kind: 'PutAccept',
    ...of,
    group: 'ng1',
    members: new Uint8Array([0b1011]),
    windows: [{ start: 0, length: 10.5 }],
  },
  { kind: 'PutCancel', ...of, group: 'ng1' },
  { kind: 'ChunkAck', ...of, hash },
  { kind: 'ChunkNack', ...of, reason: 'missing', missing: new Uint8Array([4]) },
  { kind: 'ChunkNack', ...of, reason: 'unknown transaction' },
  { kind: 'GetRequest', ...of, group: 'ng1', hash, notBefore: 0, patience: 3 },
  {
    kind: 'GetBid',
    ...of,
    held: 1,
    status: 'window',
    start: 0,
    length: 9,
    rate: 1e9,
    queue: 0,
    size: 1 << 20,
    datagram: 1400,
  },
  { kind: 'GetBid', ...of, held: 0, status: 'payload', payload: new Uint8Array([9]) },
  { kind: 'GetBid', ...of, held: 0, status: 'not-found' },
  { kind: 'GetBid', ...of, held: 0, status: 'not-now', retry: 20 },
  { kind: 'GetAccept', ...of, group: 'ng1', winner: 't4', start: 0, length: 9, rate: 1e9 },
  {
    kind: 'GetAccept',
    ...of,
    group: 'ng1',
    winner: 't4',
    start: 0,
    length: 9,
    rate: 1e9,
    missing: new Uint8Array([1]),
  },
];

t.test('every control message reads as it was written', async (t) => {
  for (const message of messages) {
    const bytes = encodeMessage(message);
    t.same(decodeMessage(bytes), message, `${message.kind} ${'status' in message ? message.status : ''}`);
    t.ok(bytes.length < 400, 'and is small');
  }
});

t.test('the prefix has its layout', async (t) => {
  const bytes = encodeMessage({ kind: 'PutCancel', ...of, group: 'g' });
  t.equal(Buffer.from(bytes.subarray(0, PREFIX_BYTES)).toString('hex'), '02040300001f0203040506070000000000000000');
  t.same(decodePrefix(bytes), { kind: 4, attempt: 3, flags: 0, txn: of.txn, index: 0, count: 0 });
  t.equal(txnHex(of.txn), '001f020304050607');
  t.equal(kindName(Kind.ChunkNack), 'ChunkNack');
  t.equal(kindName(99), undefined);
  const immediate = encodeMessage(messages[1]!);
  t.match(decodePrefix(immediate), { kind: Kind.PutProposal, flags: Flag.Immediate });
});

t.test('data datagrams carry their piece', async (t) => {
  const chunk = Buffer.from('abcdefghij');
  const stream = { kind: 'Data' as const, ...of, repair: true, chunk, datagram: 4 };
  const third = encodePiece(stream, 2);
  const first = encodePiece(stream, 0);
  t.equal(Buffer.from(third.subarray(PREFIX_BYTES)).toString(), 'ij', 'the last is short');
  t.equal(Buffer.from(third.subarray(0, PREFIX_BYTES)).toString('hex'), '02050301001f0203040506070000000200000003');
  t.match(decodeMessage(first), { kind: 'Data', index: 0, count: 3, repair: true, payload: Buffer.from('abcd') });
  const got = encodePiece({ ...stream, kind: 'GetData', repair: false }, 1);
  t.match(decodeMessage(got), { kind: 'GetData', index: 1, repair: false, payload: Buffer.from('efgh') });
});

t.test('what is wrong has a name', async (t) => {
  const cases: [string, (bytes: Uint8Array) => Uint8Array, string][] = [
    ['nothing', () => new Uint8Array(0), 'truncated'],
    ['half a prefix', (bytes) => bytes.subarray(0, 19), 'truncated'],
    ['another version', (bytes) => patched(bytes, 0, 1), 'wrong-version'],
    ['no such kind', (bytes) => patched(bytes, 1, 77), 'unknown-kind'],
    ['attempt 0', (bytes) => patched(bytes, 2, 0), 'bad-attempt'],
    ['a transaction beyond 53 bits', (bytes) => patched(bytes, 4, 0xff), 'bad-transaction'],
    ['no body', (bytes) => bytes.subarray(0, PREFIX_BYTES), 'truncated'],
    ['a body cut short', (bytes) => bytes.subarray(0, bytes.length - 1), 'truncated'],
    ['more than a body', (bytes) => Buffer.concat([bytes, Buffer.from([1])]), 'trailing-bytes'],
    ['the body of another kind', (bytes) => patched(bytes, 1, Kind.ChunkAck), 'truncated'],
    ['a text that ends nowhere', (bytes) => patched(bytes, PREFIX_BYTES, 0xff), 'truncated'],
  ];
  for (const [name, spoil, reason] of cases) {
    t.equal(decodeMessage(spoil(encodeMessage({ kind: 'PutCancel', ...of, group: 'g' }))), reason, name);
  }
  const data = encodePiece({ kind: 'Data', ...of, repair: false, chunk: Buffer.alloc(8), datagram: 4 }, 1);
  t.equal(decodeMessage(data.subarray(0, PREFIX_BYTES)), 'empty-data');
  t.equal(decodeMessage(patched(data, 15, 2)), 'bad-index', 'index beyond the count');
});

t.test('fields out of bounds are refused', async (t) => {
  const proposal = messages[0] as Extract<Message, { kind: 'PutProposal' }>;
  const wrong: [Partial<typeof proposal>, string][] = [
    [{ length: 0 }, 'bad-length'],
    [{ length: (8 << 20) + 1 }, 'bad-length'],
    [{ replicas: 0 }, 'bad-replicas'],
    [{ datagram: 1 }, 'bad-datagram'],
    [{ notBefore: -1 }, 'bad-notBefore'],
    [{ notBefore: Number.NaN }, 'bad-notBefore'],
    [{ span: 1e9 }, 'bad-span'],
    [{ patience: 1e6 }, 'bad-patience'],
    [{ rate: 0 }, 'bad-rate'],
    [{ group: '' }, 'bad-group'],
    [{ group: 'g'.repeat(256) }, 'bad-group'],
  ];
  for (const [fields, reason] of wrong) {
    t.equal(decodeMessage(encodeMessage({ ...proposal, ...fields })), reason, JSON.stringify(fields));
  }
  t.equal(decodeMessage(patched(encodeMessage(messages[4]!), PREFIX_BYTES + 8, 9)), 'bad-status');
  t.equal(decodeMessage(patched(encodeMessage(messages[4]!), PREFIX_BYTES, 0xff)), 'bad-held', 'less than nothing');
  const accept = { kind: 'PutAccept' as const, ...of, group: 'g', members: new Uint8Array([7]) };
  const window = { start: 0, length: 1 };
  t.equal(decodeMessage(encodeMessage({ ...accept, windows: [] })), 'bad-windows', 'no window');
  t.equal(decodeMessage(encodeMessage({ ...accept, windows: [window, window] })), 'bad-windows', 'two for three');
  t.match(decodeMessage(encodeMessage({ ...accept, windows: [window, window, window] })), { kind: 'PutAccept' });
});

t.test('what has no place in a message is not written', async (t) => {
  const ack = { kind: 'ChunkAck' as const, ...of };
  t.throws(() => encodeMessage({ ...ack, hash: 'abcd' }), { message: 'a content hash has 32 bytes, not 2' });
  const bid = { kind: 'GetBid' as const, ...of, held: 0, status: 'payload' as const };
  t.throws(() => encodeMessage({ ...bid, payload: new Uint8Array(65_536) }), RangeError);
  const proposal = messages[0] as Extract<Message, { kind: 'PutProposal' }>;
  t.throws(() => encodeMessage({ ...proposal, length: -1 }), RangeError);
  t.throws(() => encodeMessage({ ...proposal, replicas: 1.5 }), { message: '1.5 is no integer' });
  t.throws(() => encodeMessage({ ...proposal, hash: 'abcd' }), RangeError);
});

t.test('whatever comes, reading it never throws', async (t) => {
  // A fixed sequence: a failure comes back.
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
  const read = new Set<string>();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from(encodeMessage(messages[round % messages.length]!));
    for (let i = next() % 4; i >= 0; i--) bytes[PREFIX_BYTES + (next() % (bytes.length - PREFIX_BYTES))] = next();
    const message = decodeMessage(bytes.subarray(0, next() % 2 ? bytes.length : next()));
    read.add(typeof message === 'string' ? message : 'a message');
  }
  for (const outcome of ['a message', 'truncated', 'trailing-bytes', 'bad-status', 'bad-group', 'bad-windows']) {
    t.ok(read.has(outcome), outcome);
  }
});

function patched(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[offset] = value;
  return copy;
}
