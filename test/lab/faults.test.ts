/** Faults on real namespaces, with real nodes: the run ends, each phase has the verdict it should have, and nothing stays behind. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { pointAbout, runTopologies } from './castlab.ts';

/** Mounts and network interfaces that this process sees: a sandbox must add none. */
const leftovers = () => [readFileSync('/proc/self/mounts', 'utf8'), readdirSync('/sys/class/net')];
const failures = (result: { points: { title: string; outcome: string; summary: string }[] }) =>
  JSON.stringify(result.points.filter(({ outcome }) => outcome !== 'pass'));

const three = `
defaults: { edge: { rate: 200mbit }, trunk: { rate: 200mbit } }
zones:
  hub:  { hosts: { i1: initiator, t1: target, t2: target } }
  east: { hosts: { t3: target, t4: target, x1: { run: [sh, -c, 'echo at $x1.address; sleep 1000'] } } }
trunks: [{ between: [hub, east] }]
`;
/** The same with a trunk that the lab itself carries. */
const wired = three.replace('[hub, east] }', '[hub, east], delay: 200us }');

t.test('a link that flaps a hundred times and a node that is paused fifty times', async (t) => {
  const before = leftovers();
  const { results } = await runTopologies(
    t,
    `name: storm${wired}
scenario:
  - { phase: storm, flap: { link: hub--east, times: 100, down: 2ms, up: 2ms } }
  - pause: { node: t4, for: 4ms, times: 50 }
  - { after: 1s, phase: calm, send: { from: i1, to: [t1, t3, t4], count: 20 } }
  - put: { from: i1, size: 64KiB, replicas: 4 }
  - get: { by: i1 }
expect:
  - { delivered: all, phase: calm }
  - { stored: 4, phase: calm }
  - { recovers-within: 500ms, phase: calm }
`,
  );
  t.equal(results[0]!.outcome, 'pass', failures(results[0]!));
  t.match(pointAbout(results[0]!, 'down and up 100 times')?.summary, /^100 times/);
  t.match(pointAbout(results[0]!, 'pause t4')?.summary, 'paused 50 times');
  t.strictSame(leftovers(), before, 'nothing is left behind');
});

t.test('a partition that heals is judged phase by phase', async (t) => {
  const { results } = await runTopologies(
    t,
    `name: split${wired}
scenario:
  - { phase: whole, send: { from: i1, to: [t1, t3], count: 10 } }
  - { phase: split, partition: east }
  - send: { from: i1, to: [t1, t3], count: 10 }
  - { after: 300ms, phase: healed, heal: all }
  - { after: 700ms, send: { from: i1, to: [t1, t3], count: 10 } }
expect:
  - { delivered: all, phase: whole }
  - { delivered: all, phase: split }
  - { delivered: all, phase: healed }
  - { recovers-within: 1s, phase: healed }
  - { recovers-within: 1s, phase: split }
`,
  );
  const [whole, split, healed, recovered, not] = results[0]!.points.slice(-5);
  t.strictSame(
    [whole, split, healed, recovered, not].map((point) => point!.outcome),
    ['pass', 'fail', 'pass', 'pass', 'fail'],
    failures(results[0]!),
  );
  t.match(split!.summary, '10 of 10 datagrams went wrong: t3 missed 10');
  t.match(split!.details?.[0], /^datagram [0-9a-f]{16} from i1 to t1, t3: t3 missed it$/);
  t.match(split!.details?.join('\n'), /^i1>hub {2}left \+0\.000 ms/m, 'with its hops');
  t.match(not!.summary, 'the last datagram that was sent went wrong too');
});

t.test('a target is killed and started again; commands run; what a node counted is judged', async (t) => {
  const { results } = await runTopologies(
    t,
    `name: again${three}
scenario:
  - put: { from: i1, size: 64KiB, replicas: 4 }
  - kill: t3
  - wait-for: { dead: t3 }
  - restart: t3
  - wait-for: { ready: t3 }
  - restart: x1
  - wait-for: { counter: hellosReceived, node: t3, at-least: 4 }
  - run: { node: hub, command: [ip, route, get, $t3.address] }
  - { phase: after, send: { from: i1, to: [t3, t4], count: 10 } }
  - impair: { link: hub>east, rate: 1mbit }
  - wait-for: { counter: delivered, node: t4, at-least: 10 }
  - get: { by: i1 }
  - run: { node: t1, command: [sh, -c, exit 3] }
expect:
  - { delivered: all, phase: after }
  - { counters: { name: delivered, node: t1, at-most: 100000 } }
  - { counters: { name: relayed, at-least: 1000000 } }
`,
  );
  const points = results[0]!.points;
  t.strictSame(
    points.filter(({ outcome }) => outcome !== 'pass').map(({ summary }) => summary.replace(/^\d+:.*|^\d+$/, 'N')),
    ['sh on t1 ended with exit code 3', 'N'],
    failures(results[0]!),
  );
  t.match(pointAbout(results[0]!, 'restart t3')?.summary, /^ready after/);
});
