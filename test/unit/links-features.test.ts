import t from 'tap';
import { assertSupported, type Features } from '../../lab/links/features.ts';
import type { Requirement } from '../../lab/plan/index.ts';
import { UnsupportedError } from '../../lab/sandbox/unsupported.ts';

const missing = (what: string) => ({ available: false as const, reason: `no ${what} here`, remedy: `get ${what}` });
const all: Features = { tbf: { available: true }, netem: { available: true }, tun: { available: true } };
const rate: Requirement = { link: 'a--b', direction: 'a>b', feature: 'rate', needs: 'tbf' };
const delay: Requirement = { link: 'b--c', direction: 'c>b', feature: 'delay', needs: 'netem-or-wire' };

t.test('what can be had passes', async (t) => {
  t.doesNotThrow(() => assertSupported([], { ...all, tbf: missing('tbf') }));
  t.doesNotThrow(() => assertSupported([rate], all));
  t.doesNotThrow(() => assertSupported([rate, delay], all, ['tbf', 'netem']));
  t.doesNotThrow(() => assertSupported([delay], { ...all, netem: missing('netem') }, ['tbf', 'netem', 'tun']));
});

t.test('what the kernel lacks is named: link, direction, property, why, what mends it', async (t) => {
  const refused = (features: Features) => {
    try {
      assertSupported([rate, delay], features, ['tbf', 'netem']);
    } catch (error) {
      return error as UnsupportedError;
    }
    throw new Error('it passed');
  };
  const error = refused({ ...all, netem: missing('netem') });
  t.ok(error instanceof UnsupportedError);
  t.equal(error.exitCode, 77);
  t.equal(
    error.message,
    'this machine cannot build the links as declared\n  link b--c, c>b: delay needs netem or wire: no netem here\n  to mend it: get netem',
  );
  t.match(
    refused({ ...all, tbf: missing('tbf'), netem: missing('netem') }).message,
    /link a--b, a>b: rate.*\n.*link b--c, c>b: delay/,
  );
});

t.test('what this version does not build is refused also where the kernel could', async (t) => {
  t.throws(() => assertSupported([delay], all), {
    message: /delay needs netem or wire: links of this version have rate and queue only/,
  });
});
