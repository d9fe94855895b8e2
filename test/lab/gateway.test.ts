/** Gateways under programs that nobody here wrote, in the real lab: socat, Python, uftp, and the kernel itself. */
import t, { type Test } from 'tap';
import { findProgram } from '../../lab/sandbox/programs.ts';
import { hasPrograms } from './fixtures/needed.ts';
import { startProgram } from './fixtures/programs.ts';

/** What is done, one after the other, in one lab, and with which programs. */
const PROGRAMS = {
  interface: [],
  socat: ['socat'],
  multicast: ['python3'],
  uftp: ['uftp', 'uftpd'],
  mtu: ['python3'],
  unreachable: ['python3'],
  lost: ['python3'],
} as const;
type Action = keyof typeof PROGRAMS;

const done = Object.keys(PROGRAMS).filter((name) => PROGRAMS[name as Action].every((program) => findProgram(program)));
const { code, lines, stderr } = await startProgram('gateways.ts', [], done).result();
const results = Object.fromEntries(done.map((name, i) => [name, lines[i]]));

/** What came of it; nothing, and the test fails, where a program is missing or the lab broke before. */
function resultOf(t: Test, action: Action) {
  if (!hasPrograms(t, ...PROGRAMS[action])) return undefined;
  if (!results[action]) t.fail(stderr);
  return results[action];
}

t.equal(code, 0, 'the lab came to its end');

const first = (count: number) => Array.from({ length: count }, (_, number) => number);

t.test('the interface is there when the node is, and nothing is said on it', async (t) => {
  const hosts = resultOf(t, 'interface');
  if (!hosts) return;
  for (const { host, address, routes, enabled, underlay, gateway, originated } of hosts) {
    t.match(address, /^\d+: castl0 +inet6 fd63:6173:746c:1:0:aff:fe0\d:b\/64 scope global nodad [^\n]*\n$/, `${host}`);
    t.notMatch(address, /fe80|tentative/, 'no other address');
    t.match(routes, /^fd63:6173:746c:1::\/64 /m);
    t.match(routes, /^multicast ff15::\/16 table local/m);
    t.ok(enabled, 'IPv6 is on there');
    t.ok(underlay, 'and off on the underlay');
    t.match(gateway, { interface: 'castl0', mtu: host === 's1' ? 1436 : 1452, sent: 0, received: 0, errors: 0 });
    t.equal(originated, 0, 'no neighbour discovery, no router solicitation went into the overlay');
  }
});

t.test('socat: a line there and back by UDP, a file by TCP', async (t) => {
  const result = resultOf(t, 'socat');
  if (!result) return;
  const { lines, copied } = result;
  t.same(lines, ['echo-from t1\n', 'echo-from t3\n', 'echo-from s1\n'], 'also from a host in no map');
  t.ok(copied);
});

t.test('Python: one sender, receivers in two zones, each addressed one gets each datagram once', async (t) => {
  const result = resultOf(t, 'multicast');
  if (!result) return;
  const { everybody, some, member, drops } = result;
  const s1 = 'fd63:6173:746c:1:0:aff:fe01:b';
  const all = { numbers: first(200), sizes: [1000], sources: [s1] };
  t.same(everybody, [all, all, all]);
  t.same(some, [all, { numbers: [], sizes: [], sources: [] }, all], 't2 has joined too, but is not addressed');
  const fromMember = { ...all, sources: ['fd63:6173:746c:1:0:aff:fe02:b'] };
  t.same(member, [fromMember, fromMember, fromMember], "the sender's own programs get it too, once");
  t.same(drops, {});
});

t.test('uftp: one file, three receivers, identical', async (t) => {
  const result = resultOf(t, 'uftp');
  if (!result) return;
  const { code, output, identical, files, sent } = result;
  t.equal(code, 0, output);
  t.same(identical, [true, true, true]);
  t.same(files, [['file.bin'], ['file.bin'], ['file.bin']]);
  t.ok(sent > 2308 && sent < 3 * 2308, `each block left the sender once, not once a receiver: ${sent} packets`);
});

t.test('a packet that is too long for the underlay is answered with the MTU, and then it fits', async (t) => {
  const result = resultOf(t, 'mtu');
  if (!result) return;
  const { mtu, stderr, got, drops, gateway } = result;
  t.equal(mtu, '9000 1436', stderr);
  t.match(got, { numbers: [99_999_999], sizes: [3000] }, 'three fragments, put together again');
  t.same(drops, { 'packet-too-big': 1 });
  t.match(gateway, { sent: 3, errors: 1 });
});

t.test('an address that nobody has is answered at once', async (t) => {
  const result = resultOf(t, 'unreachable');
  if (!result) return;
  const { error, stderr, drops } = result;
  t.equal(error, 'ENETUNREACH', stderr);
  t.ok(drops['no-route'] >= 1);
});

t.test('a node whose interface is taken away goes on', async (t) => {
  const result = resultOf(t, 'lost');
  if (!result) return;
  const { running } = result;
  t.ok(running);
});
