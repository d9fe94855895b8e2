import t from 'tap';
import { assertSupported, type Features } from '../../lab/links/features.ts';
import type { Requirement } from '../../lab/plan/index.ts';
import { UnsupportedError } from '../../lab/sandbox/unsupported.ts';

const missing = (what: string) => ({ available: false as const, reason: `no ${what} here`, remedy: `get ${what}` });
const found = { available: true as const };
const all: Features = { tbf: found, netem: found, wire: found, tun: found };
const rate: Requirement = { link: 'a--b', direction: 'a>b', feature: 'rate', needs: 'tbf' };
const delay: Requirement = { link: 'b--c', direction: 'c>b', feature: 'delay', needs: 'netem-or-wire' };
const rule: Requirement = { link: 'b--c', direction: 'b>c', feature: 'rules', needs: 'wire' };

t.test('what can be had passes', async (t) => {
  t.doesNotThrow(() => assertSupported([], { ...all, tbf: missing('tbf') }));
  t.doesNotThrow(() => assertSupported([rate, delay, rule], { ...all, tun: missing('tun') }));
  t.doesNotThrow(() => assertSupported([delay], { ...all, netem: missing('netem') }));
  t.doesNotThrow(() => assertSupported([delay], { ...all, wire: missing('wire') }));
});

function refused(requirements: readonly Requirement[], features: Features): UnsupportedError {
  try {
    assertSupported(requirements, features);
  } catch (error) {
    return error as UnsupportedError;
  }
  throw new Error('it passed');
}

t.test('what the kernel lacks is named: link, direction, property, why, what mends it', async (t) => {
  const neither = { ...all, netem: missing('netem'), wire: missing('wire') };
  const error = refused([rate, delay], neither);
  t.ok(error instanceof UnsupportedError);
  t.equal(error.exitCode, 77);
  t.equal(
    error.message,
    'this machine cannot build the links as declared\n  link b--c, c>b: delay needs netem or wire: no netem here, and no wire here\n  to mend it: get netem',
  );
  t.match(
    refused([rate, delay], { ...neither, tbf: missing('tbf') }).message,
    /link a--b, a>b: rate.*\n.*link b--c, c>b: delay/,
  );
});

t.test('what was asked for by name has no substitute', async (t) => {
  const netem: Requirement = { ...delay, needs: 'netem' };
  t.match(refused([netem], { ...all, netem: missing('netem') }).message, 'delay needs netem: no netem here');
  t.match(refused([rule], { ...all, wire: missing('wire') }).message, 'b>c: rules needs wire: no wire here');
});
