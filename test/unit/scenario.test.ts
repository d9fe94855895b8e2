import t from 'tap';
import type { LinkControl } from '../../lab/links/control.ts';
import type { NodeEvent } from '../../lab/observe/evidence.ts';
import type { Actor, ScenarioContext } from '../../lab/scenario/context.ts';
import { play } from '../../lab/scenario/play.ts';
import { loadTopology, type Topology } from '../../lab/topology/index.ts';

/** A network of names: what steps do to it is written down. */
function stage(scenario: string) {
  const topology: Topology = loadTopology(
    `name: played
zones: { hub: { hosts: { i1: initiator, t1: target, t2: target } }, east: { hosts: { t3: target } } }
trunks: [{ between: [hub, east] }]
scenario:
${scenario}`,
    'played.yaml',
  );
  const log: string[] = [];
  const events: NodeEvent[] = [];
  const down = new Set<string>();
  const running = new Set(['i1', 't1', 't2', 't3']);
  const answers: Record<string, (args: Record<string, unknown>) => unknown> = {
    counters: () => ({ relayed: 7, dropped: { loop: 2, truncated: 1 } }),
    put: () => ({ object: 'aa', bytes: 1, chunks: [] }),
    send: () => ({}),
  };
  const newActor = (name: string): Actor => ({
    name,
    get running() {
      return running.has(name);
    },
    request: async (op, args = {}) => {
      log.push(`${name} ${op}`);
      return (await answers[op]!(args)) as Record<string, unknown>;
    },
    signal: (signal) => {
      log.push(`${name} ${signal}`);
      if (signal === 'SIGKILL') running.delete(name);
    },
    whenReady: async () => void log.push(`${name} ready`),
    ended: Promise.resolve(),
  });
  const actors = new Map<string, Actor>();
  const actor = (name: string) => actors.get(name) ?? actors.set(name, newActor(name)).get(name)!;
  const links: LinkControl = {
    impair: async (direction, change) => void log.push(`impair ${direction} ${JSON.stringify(change)}`),
    down: async (link) => {
      log.push(`down ${link}`);
      down.add(link);
    },
    up: async (link) => {
      log.push(`up ${link}`);
      down.delete(link);
    },
    isDown: (link) => down.has(link),
    changes: [],
  };
  const context: ScenarioContext = {
    topology,
    seed: 1,
    actor,
    restart: async (name) => {
      log.push(`${name} started`);
      running.add(name);
      return actor(name);
    },
    links,
    events,
    puts: [],
    objects: [],
    killed: new Map(),
    beginPhase: async (name) => void log.push(`phase ${name}`),
    now: () => performance.now(),
  };
  const outcome = async () =>
    (await play(topology.scenario, context)).map(({ summary, error }) => (error ? `failed: ${summary}` : summary));
  return { log, events, answers, running, context, outcome };
}

t.test('links: down, up, flaps, impairments, partitions', async (t) => {
  const { log, outcome } = stage(`
  - { down: hub--east, phase: cut }
  - partition: [east, t1]
  - heal: all
  - up: hub--east
  - flap: { link: hub--east, times: 2, down: 1ms, up: 1ms }
  - impair: { link: hub>east, delay: 5ms, loss: 0% }
`);
  const found = await outcome();
  t.strictSame(log, [
    'phase cut',
    'down hub--east',
    'down t1--hub',
    'up t1--hub',
    'up hub--east',
    ...['down', 'up', 'down', 'up', 'up'].map((what) => `${what} hub--east`),
    'impair hub>east {"delay":5,"loss":null}',
  ]);
  t.equal(found[1], 't1--hub', 'what was down before is not for the partition to heal');
  t.equal(found[5], 'delay 5, no loss');
});

t.test('nodes: killed, started again, paused, resumed; what is paused at the end goes on', async (t) => {
  const { log, context, outcome } = stage(`
  - kill: t1
  - restart: t1
  - restart: t2
  - pause: { node: t3, for: 1ms, times: 2 }
  - pause: t3
  - resume: t3
  - pause: i1
`);
  await outcome();
  t.strictSame(log, [
    't1 SIGKILL',
    ...['t1 SIGKILL', 't1 started', 't1 ready'],
    ...['t2 SIGKILL', 't2 started', 't2 ready'],
    ...['t3 SIGSTOP', 't3 SIGCONT', 't3 SIGSTOP', 't3 SIGCONT'],
    ...['t3 SIGSTOP', 't3 SIGCONT'],
    ...['i1 SIGSTOP', 'i1 SIGCONT'],
  ]);
  t.strictSame([...context.killed.keys()], [], 'nobody is meant to be dead');
});

t.test('waiting for what comes true', async (t) => {
  const { events, running, answers, outcome } = stage(`
  - { at: 0s, put: { from: i1, size: 1B, replicas: 1 } }
  - wait-for: { event: stored, node: t1, count: 2 }
  - wait-for: { event: bid }
  - wait-for: { counter: relayed, node: t1, at-least: 7 }
  - wait-for: { counter: dropped, node: t1, at-least: 3 }
  - wait-for: { ready: t2 }
  - wait-for: { dead: t3 }
  - wait-for: { puts: done }
`);
  events.push({ t: 0, node: 't1', event: 'stored' });
  const put = new Promise((resolve) => setTimeout(resolve, 60, { object: 'aa', bytes: 1, chunks: [] }));
  answers['put'] = () => put;
  setTimeout(() => {
    for (const node of ['t1', 't2', 't1']) events.push({ t: 1, node, event: 'stored' });
    events.push({ t: 1, node: 't3', event: 'bid' });
    running.delete('t3');
  }, 20);
  const found = await outcome();
  t.match(found[1], /: 2 of 2$/, 'only those of t1, and only since the scenario began');
  t.match(found[4], /dropped is 3/, 'all reasons together');
  t.match(found[5], /: ready$/);
  t.match(found[6], /: ended$/);
  t.match(found[7], /: 0 under way$/);
});

t.test('waiting in vain ends, and says how things stand', async (t) => {
  const { events, outcome } = stage(`
  - wait-for: { event: stroed, within: 15ms }
  - wait-for: { counter: relayed, node: t1, at-least: 8, within: 15ms }
  - wait-for: { counter: relaid, node: t1, within: 15ms }
  - wait-for: { dead: t1, within: 15ms }
`);
  setTimeout(() => events.push({ t: 1, node: 't1', event: 'stored' }), 1);
  t.strictSame(await outcome(), [
    'failed: not within 15 ms: 0 of 1; events so far: stored',
    'failed: not within 15 ms: relayed is 7',
    'failed: t1 has no counter relaid',
    'failed: not within 15 ms: still running',
  ]);
});

t.test('a step that fails stops none of the others', async (t) => {
  const { answers, context, outcome } = stage(`
  - put: { from: i1, size: 1B, replicas: 1, count: 2 }
  - send: { from: i1, to: [t1] }
  - { after: 5ms, wait-for: { puts: done } }
`);
  answers['put'] = () => {
    throw new Error('no bids');
  };
  t.match(await outcome(), ['failed: no bids', '1 sent', /0 under way/]);
  t.match(context.puts, [{ error: 'no bids', startedAt: Number }]);
});
