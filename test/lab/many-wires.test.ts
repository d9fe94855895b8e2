/** What many wires cost while nothing crosses them. */
import t from 'tap';
import { startProgram, users } from './fixtures/programs.ts';

const WIRES = 200;
/** bytes, of the whole lab process; and a share of one processor. */
const MOST = { memory: 300e6, busy: 0.05 };

t.test(`${WIRES} wires`, async (t) => {
  const user = Object.values(users).at(-1)!;
  const { code, lines, stderr } = await startProgram('many-wires.ts', user, [String(WIRES)]).result();
  t.equal(code, 0, stderr);
  const { wires, rss, busy, missed } = lines[0];
  t.equal(wires, WIRES);
  t.ok(rss < MOST.memory, `${(rss / 1e6).toFixed(0)} MB`);
  t.ok(busy < MOST.busy, `${(busy * 100).toFixed(2)}% of a processor`);
  t.equal(missed, 0);
});
