/** Links are measured before anything depends on them, and one that is not what it was declared to be is found out. */
import t from 'tap';
import type { LinkMeasurement } from '../../lab/observe/evidence.ts';
import { pointAbout, runTopologies } from './castlab.ts';
import { startProgram, users } from './fixtures/programs.ts';

interface Calibrated {
  took: number;
  measured: LinkMeasurement[];
}

const user = Object.values(users).at(-1)!;
const calibrated = async (...args: string[]) => {
  const { code, lines, stderr } = await startProgram('calibrated.ts', user, args).result();
  if (code !== 0) throw new Error(stderr);
  return lines as Calibrated[];
};
const of = ({ measured }: Calibrated, direction: string) => measured.find((one) => one.direction === direction);

t.test('wires: delay, rate and loss', async (t) => {
  const trunk = 'delay: 5ms, rate: 50mbit, toward: { core: { loss: 10% } }';
  const [same, slower, lossless] = (await calibrated(
    'wire',
    trunk,
    trunk,
    'delay: 8ms, rate: 100mbit, toward: { core: { loss: 10% } }',
    'delay: 5ms, rate: 50mbit',
  )) as [Calibrated, Calibrated, Calibrated];

  t.same(same.measured.map(({ direction }) => direction).sort(), ['core>east', 'core>west', 'east>core', 'west>core']);
  const { delay, rate, loss, off } = of(same, 'west>core')!;
  t.equal(off, undefined);
  t.ok(delay! > 5 && delay! < 6, `delay ${delay}`);
  if (rate !== undefined) t.ok(rate > 44e6 && rate < 56e6, `rate ${rate}`);
  t.ok(loss! > 0.03 && loss! < 0.2, `loss ${loss}`);
  t.ok(same.took < 10_000, `${same.took} ms`);

  t.match(of(slower, 'west>core')!.off, /^delay 5\.\d\d ms, not 8 ms/);
  t.match(of(slower, 'core>west')!.off, /^delay 5\.\d\d ms, not 8 ms/);
  t.match(of(lossless, 'west>core')!.off, /\d+ of \d+ frames lost, not none$/);
  t.equal(of(lossless, 'core>west')!.off, undefined);
});

t.test('token buckets: the rate', async (t) => {
  const [same, slower] = (await calibrated('auto', 'rate: 20mbit', 'rate: 20mbit', 'rate: 10mbit')) as [
    Calibrated,
    Calibrated,
  ];
  t.equal(of(same, 'west>core')!.off, undefined);
  const { rate, off } = of(slower, 'west>core')!;
  t.match(off, /^rate \d+(\.\d+)?[km]bit, not 10mbit$/);
  t.ok(rate! > 15e6 && rate! < 25e6, `rate ${rate}`);
});

t.test('many links at a time', async (t) => {
  const hosts = Array.from({ length: 300 }, (_, i) => `h${i}: none`).join(', ');
  const star = `name: many\ndefaults: { edge: { rate: 1gbit } }\nzones:\n  z: { subnet: 10.0.0.0/16, hosts: { ${hosts} } }\n`;
  const { results } = await runTopologies(t, star);
  const { outcome, summary } = pointAbout(results[0]!, 'links are measured')!;
  t.equal(outcome, 'pass');
  t.match(summary, /^600 directions, /);
});
