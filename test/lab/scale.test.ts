/** A star of 100 hosts, up and down: prints the times; they decide nothing, since machines differ. */
import t from 'tap';
import { runTopologies } from './castlab.ts';

t.test('100 hosts', async (t) => {
  const hosts = Array.from({ length: 100 }, (_, i) => `h${i}: none`).join(', ');
  const { results } = await runTopologies(t, `name: star-100\nzones:\n  z: { hosts: { ${hosts} } }\n`);
  const { outcome, took, figures } = results[0]!;
  t.equal(outcome, 'pass');
  t.match(figures, { namespaces: 101, links: 100 });
  t.comment(`100-host star: up in ${took.build.toFixed(0)} ms, down in ${took.teardown.toFixed(0)} ms`);
});
