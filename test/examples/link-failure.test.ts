/** With tap: what a link does to the overlay while it is down, and after. */
import { lab } from 'castlab';
import t from 'tap';

t.test('a trunk that goes down and comes up again', async (t) => {
  const net = await lab(t, {
    name: 'link-failure',
    defaults: { trunk: { rate: '100mbit' } },
    zones: { west: { hosts: { i1: 'initiator' } }, east: { hosts: { t1: 'target', t2: 'target' } } },
    trunks: [{ between: ['west', 'east'] }],
  });
  await net.down('west--east');
  await net.send({ from: 'i1', to: ['t1', 't2'], count: 5 });
  await t.rejects(net.expect.delivered('all'), /west--east|t1|never/, 'nothing arrives');

  await net.up('west--east');
  await net.mark();
  await net.send({ from: 'i1', to: ['t1', 't2'], count: 5 });
  await net.expect.delivered('all');
  await net.expect.traversals({ on: ['west>east'], exactly: 1 });

  await net.impair('west>east', { delay: '30ms' });
  await net.mark();
  await net.send({ from: 'i1', to: ['t1'], count: 5 });
  const { links } = await net.status();
  const trunk = links.find(({ name }) => name === 'west--east')!;
  t.match(trunk.directions, [{ name: 'west>east', properties: { delay: 30 } }, { name: 'east>west' }]);
});
