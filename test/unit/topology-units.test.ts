import t from 'tap';
import {
  formatPercentage,
  formatRate,
  formatSize,
  formatTime,
  parsePercentage,
  parseQueue,
  parseRate,
  parseSize,
  parseTime,
} from '../../lab/topology/units.ts';

t.test('rates are bit/s', (t) => {
  t.equal(parseRate('1gbit'), 1e9);
  t.equal(parseRate('1 Gbit'), 1e9);
  t.equal(parseRate('2.5mbit'), 2.5e6);
  t.equal(parseRate('64kbit'), 64_000);
  t.equal(parseRate('9bit'), 9);
  t.equal(formatRate(2.5e6), '2500kbit');
  t.end();
});

t.test('times are ms, exact to the nanosecond', (t) => {
  t.equal(parseTime('20us'), 0.02);
  t.equal(parseTime('1ms'), 1);
  t.equal(parseTime('1.5s'), 1500);
  t.equal(parseTime('1ns'), 1e-6);
  t.equal(parseTime('0.1ms'), 0.1);
  t.equal(parseTime('0s'), 0);
  t.equal(formatTime(0.02), '20us');
  t.equal(formatTime(0), '0ns');
  t.end();
});

t.test('sizes are bytes; decimal and binary units are different', (t) => {
  t.equal(parseSize('64KiB'), 65_536);
  t.equal(parseSize('64kB'), 64_000);
  t.equal(parseSize('1MiB'), 1_048_576);
  t.equal(parseSize('1MB'), 1_000_000);
  t.equal(parseSize('1500B'), 1500);
  t.equal(parseSize('0.5GiB'), 2 ** 29);
  t.equal(formatSize(2 ** 29), '512MiB');
  t.equal(formatSize(1500), '1500B');
  t.end();
});

t.test('percentages are probabilities', (t) => {
  t.equal(parsePercentage('0.1%'), 0.001);
  t.equal(parsePercentage('100%'), 1);
  t.equal(formatPercentage(0.001), '0.1%');
  t.equal(formatPercentage(0.07), '7%');
  t.end();
});

t.test('queues are bytes or packets', (t) => {
  t.strictSame(parseQueue('64KiB'), { bytes: 65_536 });
  t.strictSame(parseQueue('100 packets'), { packets: 100 });
  t.strictSame(parseQueue('1 packet'), { packets: 1 });
  t.end();
});

t.test('what is no quantity says what to write', (t) => {
  t.throws(() => parseRate('fast'), {
    name: 'RangeError',
    message: '"fast" is not a rate: write a number and a unit, such as 100mbit (units: bit, kbit, mbit, gbit, tbit)',
  });
  for (const text of ['', ' ', 'mbit', '1 2ms', '1..5ms', '0x10ms', 'ms5', '1,5ms', '٣ms']) {
    t.throws(() => parseTime(text), { name: 'RangeError' }, JSON.stringify(text));
  }
  t.throws(() => parseSize('1e999MiB'), { message: '"1e999MiB" is too large' });
  t.end();
});
