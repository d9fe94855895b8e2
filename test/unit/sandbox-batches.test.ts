import fc from 'fast-check';
import t from 'tap';
import type { Batch, PlannedLink } from '../../lab/plan/plan.ts';
import { withoutSuperPackets } from '../../lab/sandbox/apply.ts';
import { BatchError, explain, groups, lanes } from '../../lab/sandbox/batches.ts';
import { UnsupportedError } from '../../lab/sandbox/unsupported.ts';

const batch = (namespace: string | undefined, ...lines: string[]): Batch => ({
  ...(namespace !== undefined && { namespace }),
  tool: 'ip',
  lines,
});

t.test('batches of one namespace keep their order; what reaches beyond it stands alone', async (t) => {
  const [links, a1, b1, a2, moves, b2] = [
    batch(undefined, 'link add x'),
    batch('a', '1'),
    batch('b', '1'),
    batch('a', '2'),
    batch('b', 'link set x netns a'),
    batch('b', '2'),
  ];
  t.same(
    groups([links, a1, b1, a2, moves, b2]).map((group) => Object.fromEntries(group)),
    [{ '': [links] }, { a: [a1, a2], b: [b1] }, { '': [moves] }, { b: [b2] }],
  );
  t.same(groups([]), []);
});

t.test('lanes: every batch once, a namespace in one lane and in order, lanes about equally long', async (t) => {
  const queue = fc.array(fc.array(fc.constant('line'), { maxLength: 50 }), { minLength: 1, maxLength: 4 });
  const result = fc.check(
    fc.property(fc.array(queue, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (queues, count) => {
      const group = new Map(queues.map((q, i) => [`n${i}`, q.map((lines) => batch(`n${i}`, ...lines))]));
      const found = lanes(group, count);
      const lengths = found.map((lane) => lane.reduce((sum, { lines }) => sum + 60 + lines.length, 0));
      const longest = Math.max(
        0,
        ...[...group.values()].map((q) => q.reduce((s, { lines }) => s + 60 + lines.length, 0)),
      );
      return (
        found.length <= count &&
        found.flat().length === [...group.values()].flat().length &&
        [...group].every(([name, q]) => {
          const lane = found.find((batches) => batches.some(({ namespace }) => namespace === name))!;
          return lane.filter(({ namespace }) => namespace === name).every((b, i) => b === q[i]);
        }) &&
        (lengths.length < 2 || Math.max(...lengths) - Math.min(...lengths) <= longest)
      );
    }),
  );
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'every case holds');
});

t.test('a failure is told by namespace and line', async (t) => {
  const batches = [batch('a', 'link set lo up'), batch('b', 'link set lo up', 'address add 1.2.3 dev eth0')];
  const said =
    '#batch 0\nWarning: something\n#batch 1\nError: any valid prefix is expected rather than "1.2.3".\nCommand failed -:2\n';
  const error = explain(batches, said, 'exit code 1');
  t.ok(error instanceof BatchError);
  t.match(error, { namespace: 'b', tool: 'ip', line: 'address add 1.2.3 dev eth0' });
  t.equal(
    error.message,
    'ip in namespace b, line "address add 1.2.3 dev eth0": Error: any valid prefix is expected rather than "1.2.3".',
  );
  t.equal(explain(batches, '#batch 0\n', 'SIGKILL').message, 'ip in namespace a: SIGKILL');
  t.equal(explain([batch(undefined, 'x')], '#batch 0\nboo\n', '').message, 'ip outside of all namespaces: boo');
  t.equal(explain(batches, 'sh: out of memory\n', '').message, 'sh: sh: out of memory');
});

t.test('a missing program is named, with its package', async (t) => {
  for (const said of ['sh: 2: ip: not found', 'nsenter: failed to execute ip: No such file or directory']) {
    const error = explain([batch('a', 'x')], `#batch 0\n${said}\n`, 'exit code 127');
    t.ok(error instanceof UnsupportedError, said);
    t.match(error.message, /"ip" was not found\n {2}to mend it: sudo apt-get install iproute2/);
  }
});

t.test('exact links: one line more for every end, no process more where there is one already', async (t) => {
  const end = (node: string, name: string) => ({ node, interface: name, mac: '' });
  const link = {
    name: 'h--z',
    kind: 'edge',
    a: end('h', 'eth0'),
    b: end('z', 'h'),
    forward: {},
    backward: {},
  } as PlannedLink;
  const create = batch(undefined, 'link add …');
  t.same(withoutSuperPackets([create, batch('z', 'up')], [link]), [
    create,
    batch('z', 'link set dev h gso_max_segs 1', 'up'),
    batch('h', 'link set dev eth0 gso_max_segs 1'),
  ]);
});
