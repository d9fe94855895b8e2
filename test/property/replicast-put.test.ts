import fc from 'fast-check';
import t from 'tap';
import { contentHash, GeneratedContent } from '../../src/replicast/index.ts';
import { Cluster } from '../replicast/cluster.ts';
import { seeded } from '../replicast/random.ts';

/** Cases of each property; more of them with CASTLAB_PROPERTY_RUNS. */
const RUNS = Number(process.env['CASTLAB_PROPERTY_RUNS'] ?? 60);
/** Simulated ms after which a put that has not ended counts as a deadlock. */
const PATIENCE = 120_000;

const scenario = fc.record({
  seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
  members: fc.integer({ min: 6, max: 20 }),
  initiators: fc.integer({ min: 1, max: 4 }),
  puts: fc.integer({ min: 1, max: 5 }),
  replicas: fc.integer({ min: 1, max: 4 }),
  chunk: fc.oneof(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1500, max: 60_000 })),
  loss: fc.constantFrom(0, 0, 0.01, 0.05, 0.2),
  duplicate: fc.constantFrom(0, 0.05, 0.3),
  /** ms by which datagrams may overtake each other. */
  disorder: fc.constantFrom(0, 0.05, 2),
  delay: fc.constantFrom(0.05, 0.5, 10),
  /** ms by which timers are late at most. */
  lateness: fc.constantFrom(0, 0, 3, 40),
  /** Share of the copies that arrive with a wrong byte. */
  corrupt: fc.constantFrom(0, 0, 0, 0.01),
  storeTime: fc.constantFrom(0.5, 5, 300),
  capacity: fc.constantFrom(1e7, 1e8, 1e9),
  mode: fc.constantFrom('multicast' as const, 'hybrid' as const),
  choosy: fc.boolean(),
  repair: fc.constantFrom('bitmap' as const, 'whole' as const),
  inFlight: fc.integer({ min: 1, max: 6 }),
  /** When targets crash (ms), and after how many ms they are back; never, when negative. */
  crashes: fc.array(
    fc.record({
      target: fc.nat({ max: 19 }),
      at: fc.double({ min: 0, max: 60, noNaN: true }),
      back: fc.constantFrom(-1, 5, 300),
    }),
    { maxLength: 8 },
  ),
  /** Zones over which the targets are spread; 0: it does not matter. */
  zones: fc.nat({ max: 3 }),
  full: fc.array(fc.nat({ max: 19 }), { maxLength: 2 }),
});

t.test('every put ends, and says truly what is stored where', async (t) => {
  fc.assert(
    fc.property(scenario, (s) => {
      const members = Array.from({ length: s.members }, (_, i) => `t${i}`);
      const random = seeded(s.seed);
      const cluster = new Cluster({
        groups: { ng: members },
        initiators: Array.from({ length: s.initiators }, (_, i) => `i${i}`),
        seed: s.seed,
        ...(s.zones > 0 && { zoneOf: (target: string) => `z${Number(target.slice(1)) % s.zones}` }),
        settings: {
          mode: s.mode,
          choosy: s.choosy,
          repair: s.repair,
          inFlight: s.inFlight,
          capacity: s.capacity,
        },
        fate: () => {
          if (random() < s.loss) return [];
          const delay = () => s.delay + random() * s.disorder;
          return random() < s.duplicate ? [delay(), delay() + random()] : [delay()];
        },
        lateness: () => random() * s.lateness,
        alter: (copy) => {
          if (random() < s.corrupt) copy[Math.floor(random() * copy.length)]! ^= 1 << Math.floor(random() * 8);
        },
        storeTime: () => random() * s.storeTime,
      });
      for (const target of s.full) if (target < s.members) cluster.disks.get(`t${target}`)!.full = true;
      for (const { target, at, back } of s.crashes) {
        const name = `t${target % s.members}`;
        const crashAt = cluster.clock.now() + at;
        cluster.clock.wake(crashAt, () => cluster.crash(name));
        if (back >= 0) {
          cluster.clock.wake(crashAt + back, () => {
            if (!cluster.targets.has(name)) cluster.start(name);
          });
        }
      }
      const content = new GeneratedContent(s.seed);
      const waiting: { initiator: string; id: number; hash: string }[] = [];
      for (const [name, initiator] of cluster.initiators) {
        for (let i = 0; i < s.puts; i++) {
          // Every other chunk is one that another initiator puts as well.
          const chunk = i % 2 === 0 ? content.next(s.chunk) : new GeneratedContent(i).next(s.chunk);
          waiting.push({ initiator: name, id: initiator.put(chunk, s.replicas), hash: contentHash(chunk) });
        }
      }
      const all = [...cluster.initiators.values()];
      cluster.clock.run(() => all.every((initiator) => initiator.machine.pending === 0), PATIENCE);
      for (const { initiator, id, hash } of waiting) {
        const outcome = cluster.initiators.get(initiator)!.outcomes.get(id);
        if (!outcome) throw new Error(`${initiator}: put ${id} never ended`);
        const holders = cluster.holders(hash);
        if (outcome.kind === 'put-done') {
          const { replicas } = outcome.result;
          if (replicas.length < s.replicas) throw new Error(`${replicas.length} replicas are not ${s.replicas}`);
          for (const name of replicas) if (!holders.includes(name)) throw new Error(`${name} does not have ${hash}`);
        } else if (outcome.kind === 'put-failed') {
          const { stored, message } = outcome.failure;
          if (stored.length >= s.replicas) throw new Error(`failed although stored: ${message}`);
          for (const name of stored) if (!holders.includes(name)) throw new Error(`${name} does not have ${hash}`);
        } else throw new Error(`a put ended as ${outcome.kind}`);
        // Without faults nothing may fail.
        const calm = s.loss === 0 && s.corrupt === 0 && s.crashes.length === 0 && s.full.length === 0;
        if (calm && outcome.kind !== 'put-done') throw new Error(`failed without a fault: ${JSON.stringify(outcome)}`);
      }
      // Everything is forgotten in the end: no transaction, no reservation.
      cluster.clock.run(() => false, 30_000);
      for (const [name, { machine }] of cluster.targets) {
        const { puts, inbound, storing } = machine.context;
        if (puts.size > 0) throw new Error(`${name} still has ${puts.size} transactions`);
        if (inbound.entries().length > 0) throw new Error(`${name} still has reservations`);
        if (storing.size > 0) throw new Error(`${name} is still storing`);
      }
      for (const { machine } of all) {
        if (machine.context.uplink.entries().length > 0) throw new Error('an initiator still has reservations');
      }
      if (cluster.violations.length > 0) throw new Error(cluster.violations[0]);
    }),
    { numRuns: RUNS },
  );
  t.pass(`${RUNS} clusters`);
});
