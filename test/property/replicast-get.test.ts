import fc from 'fast-check';
import t from 'tap';
import { contentHash, GeneratedContent } from '../../src/replicast/index.ts';
import { Cluster } from '../replicast/cluster.ts';
import { seeded } from '../replicast/random.ts';

/** Cases of each property; more of them with CASTLAB_PROPERTY_RUNS. */
const RUNS = Number(process.env['CASTLAB_PROPERTY_RUNS'] ?? 60);
/** Simulated ms after which a get that has not ended counts as a deadlock. */
const PATIENCE = 120_000;

const scenario = fc.record({
  seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
  members: fc.integer({ min: 6, max: 20 }),
  initiators: fc.integer({ min: 1, max: 3 }),
  chunks: fc.integer({ min: 1, max: 4 }),
  size: fc.oneof(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1500, max: 60_000 })),
  loss: fc.constantFrom(0, 0, 0.01, 0.05, 0.2),
  duplicate: fc.constantFrom(0, 0.05, 0.3),
  disorder: fc.constantFrom(0, 0.05, 2),
  delay: fc.constantFrom(0.05, 0.5, 10),
  lateness: fc.constantFrom(0, 0, 3, 40),
  /** Share of the copies that arrive with a wrong byte. */
  corrupt: fc.constantFrom(0, 0, 0, 0.01),
  capacity: fc.constantFrom(1e7, 1e8, 1e9),
  /** Which targets hold each chunk, and in what condition. */
  holders: fc.array(
    fc.record({ target: fc.nat({ max: 19 }), intact: fc.boolean(), crashAt: fc.constantFrom(-1, -1, 0, 1, 10) }),
    { minLength: 0, maxLength: 4 },
  ),
  inOtherGroup: fc.boolean(),
});

t.test('a get brings the right bytes or says who was asked', async (t) => {
  fc.assert(
    fc.property(scenario, (s) => {
      const random = seeded(s.seed);
      const cluster = new Cluster({
        groups: {
          ng1: Array.from({ length: s.members }, (_, i) => `t${i}`),
          ng2: ['u0', 'u1', 'u2', 'u3', 'u4', 'u5'],
        },
        initiators: Array.from({ length: s.initiators }, (_, i) => `i${i}`),
        seed: s.seed,
        settings: { capacity: s.capacity },
        fate: () => {
          if (random() < s.loss) return [];
          const delay = () => s.delay + random() * s.disorder;
          return random() < s.duplicate ? [delay(), delay() + random()] : [delay()];
        },
        lateness: () => random() * s.lateness,
        alter: (copy) => {
          if (random() < s.corrupt) copy[Math.floor(random() * copy.length)]! ^= 1 << Math.floor(random() * 8);
        },
      });
      const content = new GeneratedContent(s.seed);
      const chunks = Array.from({ length: s.chunks }, () => content.next(s.size));
      const usable = new Set<string>();
      const nameOf = (target: number) => (s.inOtherGroup ? `u${target % 6}` : `t${target % s.members}`);
      for (const { target, intact, crashAt } of s.holders) {
        const name = nameOf(target);
        for (const chunk of chunks) {
          const bytes = new Uint8Array(chunk);
          if (!intact) bytes[0]! ^= 1;
          cluster.disks.get(name)!.chunks.set(contentHash(chunk), bytes);
        }
        if (intact) usable.add(name);
        else usable.delete(name);
        if (crashAt >= 0) cluster.clock.wake(cluster.clock.now() + crashAt, () => cluster.crash(name));
      }
      const crashed = new Set(s.holders.filter(({ crashAt }) => crashAt >= 0).map(({ target }) => nameOf(target)));
      const waiting = [...cluster.initiators.values()].flatMap((initiator) =>
        chunks.map((chunk) => ({ initiator, chunk, id: initiator.get(contentHash(chunk)) })),
      );
      const all = [...cluster.initiators.values()];
      cluster.clock.run(() => all.every(({ machine }) => machine.pending === 0), PATIENCE);
      for (const { initiator, chunk, id } of waiting) {
        const outcome = initiator.outcomes.get(id);
        if (!outcome) throw new Error(`${initiator.name}: get ${id} never ended`);
        if (outcome.kind === 'get-done') {
          if (contentHash(outcome.chunk) !== contentHash(chunk)) throw new Error('wrong bytes');
          if (!usable.has(outcome.result.from)) throw new Error(`${outcome.result.from} cannot have sent that`);
        } else if (outcome.kind === 'get-failed') {
          if (outcome.failure.asked.length === 0) throw new Error('nobody was asked');
          const safe = [...usable].some((name) => !crashed.has(name));
          if (safe && s.loss === 0 && s.corrupt === 0)
            throw new Error(`failed although stored: ${JSON.stringify(outcome.failure)}`);
        } else throw new Error(`a get ended as ${outcome.kind}`);
      }
      cluster.clock.run(() => false, 30_000);
      for (const [name, { machine }] of cluster.targets) {
        if (machine.context.gets.size > 0) throw new Error(`${name} still has transactions`);
        if (machine.context.outbound.entries().length > 0) throw new Error(`${name} still has reservations`);
      }
      for (const { machine } of all) {
        if (machine.context.downlink.entries().length > 0) throw new Error('an initiator still has reservations');
      }
      if (cluster.violations.length > 0) throw new Error(cluster.violations[0]);
    }),
    { numRuns: RUNS },
  );
  t.pass(`${RUNS} clusters`);
});
