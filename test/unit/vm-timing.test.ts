import t from 'tap';
import type { Evidence } from '../../lab/observe/evidence.ts';
import { watchMachine } from '../../lab/observe/machine.ts';
import { EMULATED_SLOWDOWN, TIMING_VARIABLE, timingIsReliable, UNRELIABLE } from '../../lab/sandbox/timing.ts';
import { addedToActivity, addedToTime } from '../../lab/verdict/noise.ts';

t.test('whoever starts castlab may say that times are worth nothing', async (t) => {
  t.ok(timingIsReliable({}));
  t.notOk(timingIsReliable({ [TIMING_VARIABLE]: UNRELIABLE }));
  t.ok(EMULATED_SLOWDOWN > 1);
});

t.test('then the machine may have added any time to what was measured', async (t) => {
  const evidence = () => ({ noise: [0.01], machine: watchMachine(() => 0)() }) as unknown as Evidence;
  t.equal(addedToTime(1, 2, evidence()), 0.02);
  t.ok(addedToActivity(evidence()) < Number.POSITIVE_INFINITY);
  process.env[TIMING_VARIABLE] = UNRELIABLE;
  t.teardown(() => delete process.env[TIMING_VARIABLE]);
  t.equal(addedToTime(1, 2, evidence()), Number.POSITIVE_INFINITY);
  t.equal(addedToActivity(evidence()), Number.POSITIVE_INFINITY);
});
