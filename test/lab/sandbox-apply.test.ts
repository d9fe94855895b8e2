import t from 'tap';
import { startProgram, users } from './fixtures/programs.ts';

for (const [name, user] of Object.entries(users)) {
  t.test(`as ${name}`, async (t) => {
    t.test('a plan becomes a network that carries datagrams across zones, and goes away again', async (t) => {
      const { code, lines, stderr } = await startProgram('applied.ts', user, []).result();
      t.equal(code, 0, stderr);
      t.same(lines, [
        {
          namespaces: ['a', 'b', 'c', 'core', 'd', 'east', 'west'],
          timed: true,
          answer: 'hello',
          forwarding: '1',
          bridgeFilter: '0',
          segments: '1',
        },
        { namespaces: [] },
      ]);
    });

    t.test('links may be left to carry super-packets', async (t) => {
      const { lines } = await startProgram('applied.ts', user, ['fast']).result();
      t.equal(lines[0].segments, '65535');
      t.equal(lines[0].answer, 'hello');
    });

    t.test('a line that the kernel refuses is named', async (t) => {
      const { code, lines, stderr } = await startProgram('applied.ts', user, ['broken']).result();
      t.equal(code, 0, stderr);
      t.match(lines, [
        {
          namespace: 'c',
          line: 'route add 10.9.0.0/24 via 10.77.0.1',
          message: /^ip in namespace c, line "route add .*": .*Nexthop has invalid gateway/,
        },
      ]);
    });
  });
}
