import t from 'tap';
import { inShard, parseShard } from '../../lab/cli/shard.ts';

t.test('shards are disjoint, as equal as can be, and together the whole', async (t) => {
  const all = [...Array(10).keys()];
  for (let of = 1; of <= 12; of++) {
    const parts = Array.from({ length: of }, (_, i) => inShard(all, parseShard(`${i + 1}/${of}`)));
    t.same(
      parts.flat().sort((a, b) => a - b),
      all,
    );
    const sizes = parts.map((part) => part.length);
    t.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
  }
  t.same(inShard(all, { part: 3, of: 8 }), [2]);
});

t.test('what is no shard is refused', async (t) => {
  t.same(parseShard('3/8'), { part: 3, of: 8 });
  for (const text of ['0/3', '4/3', '3', '1/0', '-1/2', '1/2/3', '', 'a/b', '1.5/2']) {
    t.throws(() => parseShard(text), { message: /such as 3\/8/ }, text);
  }
});
