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

    t.test('an end without a carrier is named', async (t) => {
      const { code, lines, stderr } = await startProgram('applied.ts', user, ['dark']).result();
      t.equal(code, 0, stderr);
      t.same(lines, [{ message: 'without a carrier 0.1 s after being set up: west of core' }]);
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

    t.test(
      'what links can be made of is found by trying; a link that asks for what is not there is refused',
      async (t) => {
        const { code, lines, stderr } = await startProgram('features.ts', user, []).result();
        t.equal(code, 0, stderr);
        const [{ features, refusal }] = lines;
        t.same(features.tbf, { available: true });
        for (const { available, reason, remedy } of Object.values(features) as Record<string, string>[]) {
          t.equal(available, reason === undefined);
          t.equal(available, remedy === undefined);
        }
        t.same(features.wire, { available: true }, 'wires need no privileges');
        if (features.netem.available) t.equal(refusal, '');
        else t.match(refusal, /^ {2}link west--core, west>core: delay needs netem: /m);
      },
    );
  });
}
