import t from 'tap';
import { linkControl, restore } from '../../lab/links/control.ts';
import { type Batch, compile, type LinkOptions } from '../../lab/plan/index.ts';
import { type LinkChange, loadTopology } from '../../lab/topology/index.ts';

const plan = (options: LinkOptions = {}) =>
  compile(
    loadTopology(
      `name: test
zones:
  hub:  { hosts: { t1: { role: target, edge: { rate: 10mbit } }, t2: target } }
  east: { hosts: { t3: target } }
trunks: [{ between: [hub, east], delay: 5ms }]
`,
      'test.yaml',
    ),
    options,
  );

function controlled(options?: LinkOptions) {
  const ran: string[] = [];
  const changed: [string, LinkChange][] = [];
  const control = linkControl(
    plan(options),
    { change: async (direction, change) => void changed.push([direction, change]) },
    {
      run: async (batches: readonly Batch[]) => {
        for (const { namespace, tool, lines } of batches)
          ran.push(...lines.map((line) => `${namespace}: ${tool} ${line}`));
      },
      carrying: async (ends) =>
        void ran.push(`carrying: ${ends.map(({ node, interface: name }) => `${node} ${name}`).join(', ')}`),
    },
  );
  return { control, changed, take: () => ran.splice(0) };
}

t.test('a link goes down at both ends, once, and comes back with what the kernel forgot', async (t) => {
  const { control, take } = controlled();
  await control.down('hub--east');
  t.strictSame(take(), ['hub: ip link set dev east down', 'east: ip link set dev hub down']);
  t.ok(control.isDown('hub--east'));
  await control.down('hub--east');
  t.strictSame(take(), [], 'it is down already');
  await control.up('hub--east');
  t.strictSame(take(), [
    'hub: ip link set dev east up',
    'hub: ip neigh replace 100.64.0.1 lladdr 02:00:64:40:00:01 nud permanent dev east',
    'hub: ip route replace 10.2.0.0/24 via 100.64.0.1 dev east',
    'east: ip link set dev hub up',
    'east: ip neigh replace 100.64.0.0 lladdr 02:00:64:40:00:00 nud permanent dev hub',
    'east: ip route replace 10.1.0.0/24 via 100.64.0.0 dev hub',
    'carrying: hub east, east hub',
  ]);
  t.notOk(control.isDown('hub--east'));
  await control.up('hub--east');
  t.strictSame(take(), []);
});

t.test('a host gets its default route and neighbours back, a bridge port has none', async (t) => {
  const link = plan().links.find(({ name }) => name === 't2--hub')!;
  t.strictSame(restore(plan(), link.a).lines, [
    'route replace default via 10.1.0.1',
    'neigh replace 10.1.0.1 lladdr 02:00:0a:01:00:01 nud permanent dev eth0',
    'neigh replace 10.1.0.11 lladdr 02:00:0a:01:00:0b nud permanent dev eth0',
  ]);
  t.strictSame(restore(plan(), link.b).lines, []);
});

t.test('an impairment keeps what it does not name, and the next one builds on it', async (t) => {
  const { control, take } = controlled();
  await control.impair('t1>hub', { rate: 1e6 });
  t.strictSame(take(), ['t1: tc qdisc replace dev eth0 root tbf rate 1000000bit burst 3028 limit 24224']);
  await control.impair('t1>hub', { queue: 9000 });
  t.strictSame(take(), ['t1: tc qdisc replace dev eth0 root tbf rate 1000000bit burst 3028 limit 9000']);
  await control.impair('t1>hub', { rate: null });
  t.strictSame(take(), ['t1: tc qdisc del dev eth0 root'], 'the queue goes with the rate');
  await control.impair('hub>east', { loss: 0.01 });
  t.strictSame(take(), [
    'hub: tc qdisc replace dev east root handle 1: netem limit 100000 delay 5ms loss 1% corrupt 0%',
  ]);
});

t.test('a wire is told by its direction', async (t) => {
  const { control, changed, take } = controlled({ netem: false });
  await control.impair('east>hub', { loss: 0.01, delay: null });
  t.strictSame(changed, [['east>hub', { loss: 0.01, delay: null }]]);
  t.strictSame(take(), []);
  await t.rejects(linkControl(plan({ netem: false })).impair('east>hub', { loss: 0.5 }), /is a wire, and no wires run/);
});

t.test('changes happen one after the other, and a failure does not hold up the next', async (t) => {
  const order: string[] = [];
  const control = linkControl(plan(), undefined, {
    run: async ([batch]) => {
      order.push(`begin ${batch!.lines[0]}`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push('end');
    },
    carrying: async () => {},
  });
  await Promise.all([
    control.down('t2--hub'),
    t.rejects(control.down('hub--t2'), { name: 'RangeError', message: 'there is no link hub--t2' }),
    t.rejects(control.impair('hub--t2', {}), RangeError),
    control.down('hub--east'),
  ]);
  t.strictSame(order, ['begin link set dev eth0 down', 'end', 'begin link set dev east down', 'end']);
});
