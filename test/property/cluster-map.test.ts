import * as fc from 'fast-check';
import t from 'tap';
import { formatProblem, InputError } from '../../src/document/index.ts';
import {
  decodeInner,
  formatIpv6,
  InnerView,
  innerChecksumHolds,
  parseClusterMap,
  parseIpv6,
} from '../../src/overlay/index.ts';
import { clusters, runs } from '../support/overlay-arbitraries.ts';
import { mapFile } from '../support/overlay-maps.ts';

/** Loads a text; whatever is wrong with it must be an InputError in which every problem has a message and a file, and, but for
 * broken YAML aliases, a line and a column. */
function loads(text: string): boolean {
  try {
    parseClusterMap(text, 'map.yaml');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const problem of error.problems) {
      if (!problem.message || !/^map\.yaml:(\d+:\d+:)? /.test(formatProblem(problem)))
        throw new Error(formatProblem(problem));
    }
    return error.problems.length > 0;
  }
  return true;
}

t.test('random texts and values are refused politely', async () => {
  fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 80 }), fc.json()), loads), runs(150));
});

t.test('a good map in which one value is replaced loads or is refused politely', async () => {
  const good = mapFile({
    zones: { a: ['a1', 'a2'], b: ['b1'], c: ['c1'] },
    vias: ['a c b'],
    initiators: ['10.0.0.0/8'],
  });
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]) => {
    if (path.length > 0) paths.push(path);
    if (value === null || typeof value !== 'object') return;
    for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  walk(good, []);
  const replacement = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom<unknown>('a', 'a1', '10.1.0.0/8', '10.1.1.1', 'fd00::1', 0, -1, 64, '__proto__', 'toString'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...paths), replacement, (path, value) => {
      const copy = structuredClone(good) as Record<string | number, unknown>;
      let holder = copy;
      for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
      holder[path.at(-1)!] = value;
      return loads(JSON.stringify(copy));
    }),
    runs(200),
  );
});

t.test('every member of a random map has one bit, and is found again by every name it has', async () => {
  fc.assert(
    fc.property(clusters(256), ({ map }) => {
      for (const group of map.groups) {
        const listed = group.sets.flatMap((set) => set.members);
        if (listed.length !== group.members.length || listed.some((member, i) => member !== group.members[i]))
          return false;
        if (
          group.sets.some(
            (set) => set.members.length > group.bitStringLength || map.setByBiftId.get(set.biftId) !== set,
          )
        )
          return false;
      }
      return map.targets.every((target) => {
        const home = map.homes[target.index]!;
        return (
          home.set.members[home.bit] === target &&
          map.targetByName.get(target.name) === target &&
          map.targetByAddress.get(target.address) === target &&
          map.targetByEndpoint.get(target.endpoint.key) === target
        );
      });
    }),
    runs(30),
  );
});

t.test('IPv6 text and bytes agree', async () => {
  const address = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => bytes.map((byte) => (byte < 160 ? 0 : byte)));
  fc.assert(
    fc.property(address, (bytes) => {
      const text = formatIpv6(bytes);
      const { hostname } = new URL(`http://[${text}]/`);
      return Buffer.from(parseIpv6(text)!).equals(bytes) && hostname === `[${text}]`;
    }),
    runs(500),
  );
  fc.assert(
    fc.property(fc.string(), (text) => parseIpv6(text) === undefined || new URL(`http://[${text}]/`).hostname !== ''),
    runs(300),
  );
});

t.test('random inner packets never throw', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 200 }), fc.boolean(), (bytes, options) => {
      bytes.set([0x60, 0, 0, 0, 0, bytes.length - 40, options ? 60 : 17]);
      const view = new InnerView();
      if (decodeInner(bytes, view) !== undefined) return true;
      return view.protocol !== 17 || typeof innerChecksumHolds(bytes, view) === 'boolean';
    }),
    runs(1000),
  );
});
