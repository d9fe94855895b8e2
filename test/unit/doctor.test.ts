import t from 'tap';
import { describe, examine, type Facts, type Shipped } from '../../lab/doctor/index.ts';
import type { Availability } from '../../lab/links/features.ts';
import { diagnose } from '../../lab/sandbox/diagnose.ts';
import { parseDistribution } from '../../lab/sandbox/packages.ts';

const found: Availability = { available: true };
const lacks = (reason: string): Availability => ({ available: false, reason, remedy: `mend ${reason}` });
const fabric = { veth: found, bridge: found, snooping: found };
const links = { tbf: found, netem: found, wire: found, tun: found };
const vm = { qemu: found, virtiofsd: found, kernel: found, kvm: found };
const whole: Facts = {
  node: 'v20.19.0',
  kernel: '6.1.0',
  distribution: parseDistribution('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'),
  missing: [],
  sandbox: found,
  inside: { fabric, links },
  vm,
};
const shipped: Shipped[] = [
  { file: 'topologies/ring.yaml', requirements: [{ link: 'a--b', direction: 'a>b', feature: 'rate', needs: 'tbf' }] },
];
const check = (facts: Facts, name: string) => examine(facts, shipped).checks.find((one) => one.name === name);

t.test('a machine that has everything is healthy, and every requirement says what needs it', async (t) => {
  const diagnosis = examine(whole, shipped);
  t.ok(diagnosis.healthy);
  t.same(
    diagnosis.checks.filter(({ state, neededFor }) => state !== 'found' || neededFor === ''),
    [],
  );
  const text = describe(diagnosis);
  t.match(text, /^Debian GNU\/Linux 12 \(bookworm\), Linux 6\.1\.0, Node\.js v20\.19\.0\n/);
  t.match(text, '1 of 1 shipped topologies can run here');
  t.notMatch(text, /MISSING|\?/);
});

t.test('what is required and missing stops the topologies, with its own words', async (t) => {
  const cases: [string, Facts][] = [
    ['veth', { ...whole, inside: { fabric: { ...fabric, veth: lacks('no veth') }, links } }],
    ['bridge', { ...whole, inside: { fabric: { ...fabric, bridge: lacks('no bridge') }, links } }],
    ['packet sockets', { ...whole, inside: { fabric, links: { ...links, wire: lacks('no packet sockets') } } }],
    ['tbf', { ...whole, inside: { fabric, links: { ...links, tbf: lacks('no tbf') } } }],
  ];
  for (const [name, facts] of cases) {
    t.match(check(facts, name), { state: 'missing', required: true, reason: `no ${name}`, remedy: `mend no ${name}` });
    const { healthy, topologies } = examine(facts, shipped);
    t.notOk(healthy);
    t.match(topologies, [{ file: 'topologies/ring.yaml', runs: false, reason: `no ${name}` }]);
    t.match(describe(examine(facts, shipped)), `  topologies/ring.yaml: no ${name}\n`);
  }
});

t.test('what only some need is named and stops nothing else', async (t) => {
  const cases: [string, Facts][] = [
    ['netem', { ...whole, inside: { fabric, links: { ...links, netem: lacks('it') } } }],
    ['TUN', { ...whole, inside: { fabric, links: { ...links, tun: lacks('it') } } }],
    ['bridge snooping', { ...whole, inside: { fabric: { ...fabric, snooping: lacks('it') }, links } }],
    ['qemu', { ...whole, vm: { ...vm, qemu: lacks('it') } }],
    ['virtiofsd', { ...whole, vm: { ...vm, virtiofsd: lacks('it') } }],
    ['stock kernel', { ...whole, vm: { ...vm, kernel: lacks('it') } }],
    ['/dev/kvm', { ...whole, vm: { ...vm, kvm: lacks('it') } }],
    ['tcpdump', { ...whole, missing: ['tcpdump'] }],
  ];
  for (const [name, facts] of cases) {
    const { healthy, checks } = examine(facts, shipped);
    t.ok(healthy, name);
    t.same(
      checks.filter(({ state }) => state === 'missing').map((one) => one.name),
      [name],
    );
  }
});

t.test('a topology whose links cannot be built is named with the words of the refusal', async (t) => {
  const delay: Shipped = {
    file: 'topologies/far.yaml',
    requirements: [{ link: 'a--b', direction: 'a>b', feature: 'delay', needs: 'netem' }],
  };
  const facts = {
    ...whole,
    inside: { fabric, links: { ...links, netem: lacks('no netem here') } },
  };
  const { healthy, topologies } = examine(facts, [...shipped, delay]);
  t.notOk(healthy);
  t.match(topologies, [{ runs: true }, { runs: false, reason: /link a--b, a>b: delay needs netem: no netem here/ }]);
});

t.test('without a sandbox the kernel cannot be asked, and the reason is the one that run gives', async (t) => {
  const settings = { 'kernel/apparmor_restrict_unprivileged_userns': '1' };
  const { message, remedy } = diagnose({ output: 'unshare: Operation not permitted', rootless: true, settings });
  const reason = message.split('\n')[0]!;
  const facts: Facts = { ...whole, sandbox: { available: false, reason, remedy: remedy! }, inside: undefined };
  t.match(check(facts, 'namespaces'), { state: 'missing', reason: /AppArmor restricts/, remedy: /sysctl/ });
  for (const name of ['veth', 'bridge', 'tbf', 'netem', 'packet sockets', 'TUN'])
    t.match(check(facts, name), { state: 'unknown' });
  t.match(examine(facts, shipped), { healthy: false, topologies: [{ runs: false, reason: /AppArmor restricts/ }] });
});

t.test('missing programs and an old Node.js are named, with the package of the distribution', async (t) => {
  t.match(check({ ...whole, missing: ['tc', 'bridge'] }, 'iproute2'), {
    state: 'missing',
    reason: 'the programs "tc", "bridge" were not found',
    remedy: 'sudo apt-get install iproute2',
  });
  t.match(check({ ...whole, missing: ['setpriv'] }, 'util-linux'), {
    reason: 'the program "setpriv" was not found',
  });
  const fedora = parseDistribution('ID=fedora\nVERSION_ID=42\n');
  t.match(check({ ...whole, missing: ['tc'], distribution: fedora }, 'iproute2'), {
    remedy: 'sudo dnf install iproute iproute-tc',
  });
  for (const node of ['v18.20.0', 'v20.18.3'])
    t.match(check({ ...whole, node }, 'Node.js 20.19'), { state: 'missing' });
  for (const node of ['v20.19.0', 'v22.1.0']) t.match(check({ ...whole, node }, 'Node.js 20.19'), { state: 'found' });
});
