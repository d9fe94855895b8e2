import * as z from 'zod';
import { MAX_SHAPE_HOSTS } from './constants.ts';

const hosts = z.int().min(1).max(MAX_SHAPE_HOSTS).describe('Targets in each zone. Example: 3');
const initiators = z
  .int()
  .min(0)
  .max(MAX_SHAPE_HOSTS)
  .default(1)
  .describe('Initiators, dealt out to the zones in turn. Example: 1');
const zonesFrom = (least: number, most: number) =>
  z.int().min(least).max(most).describe(`Number of zones, ${least} to ${most}. Example: 4`);

const fields = {
  star: z
    .strictObject({ zones: zonesFrom(1, 1000), hosts, initiators })
    .describe('Every zone joined to one router, core. Example: { zones: 4, hosts: 3 }'),
  ring: z
    .strictObject({ zones: zonesFrom(3, 1000), hosts, initiators })
    .describe('Every zone joined to the next, the last to the first. Example: { zones: 8, hosts: 3 }'),
  line: z
    .strictObject({ zones: zonesFrom(1, 1000), hosts, initiators })
    .describe('Every zone joined to the next. Example: { zones: 5, hosts: 2 }'),
  mesh: z
    .strictObject({ zones: zonesFrom(1, 64), hosts, initiators })
    .describe('Every zone joined to every other. Example: { zones: 4, hosts: 2 }'),
  tree: z
    .strictObject({
      depth: z.int().min(1).max(10).describe('Trunks between the root and each zone. Example: 2'),
      fanout: z.int().min(1).max(32).describe('Branches of the root and of each router. Example: 3'),
      hosts,
      initiators,
    })
    .describe('Routers as a tree, zones as its leaves. Example: { depth: 2, fanout: 2, hosts: 3 }'),
  'leaf-spine': z
    .strictObject({
      leaves: z.int().min(1).max(256).describe('Switches with hosts. Example: 4'),
      spines: z.int().min(1).max(32).describe('Switches that join them, each joined to every leaf. Example: 2'),
      hosts: z.int().min(1).max(MAX_SHAPE_HOSTS).describe('Targets at each leaf. Example: 3'),
      initiators,
    })
    .describe(
      'One zone of several switches: every leaf joined to every spine. Example: { leaves: 4, spines: 2, hosts: 3 }',
    ),
};

/** At most one of them is present. */
type Fields = { [K in keyof typeof fields]?: z.output<(typeof fields)[K]> | undefined };
/** The numbers that a generator takes. */
export type ShapeSize<K extends keyof Fields> = NonNullable<Fields[K]>;
const kinds = Object.keys(fields) as (keyof typeof fields)[];

/** The `shape` field: one generator and its size. */
export const shape = z.strictObject({
  star: fields.star.optional(),
  ring: fields.ring.optional(),
  line: fields.line.optional(),
  mesh: fields.mesh.optional(),
  tree: fields.tree.optional(),
  'leaf-spine': fields['leaf-spine'].optional(),
});

export type ShapeDeclaration = z.output<typeof shape>;

/** What is wrong with a shape that fits the schema; `undefined` when nothing is. */
export function shapeProblem(declared: ShapeDeclaration): string | undefined {
  const given = kinds.filter((kind) => declared[kind] !== undefined);
  if (given.length !== 1) {
    return `a shape is exactly one of ${kinds.join(', ')}${given.length > 1 ? `: choose ${given.join(' or ')}` : ''}`;
  }
  const hosts = hostCount(declared);
  return hosts > MAX_SHAPE_HOSTS ? `a shape of ${hosts} hosts: at most ${MAX_SHAPE_HOSTS} are possible` : undefined;
}

function hostCount({ tree, 'leaf-spine': leafSpine, ...flat }: Fields): number {
  if (tree) return tree.fanout ** tree.depth * tree.hosts + tree.initiators;
  if (leafSpine) return leafSpine.leaves * leafSpine.hosts + leafSpine.initiators;
  return Object.values(flat).reduce((sum, size) => sum + (size ? size.zones * size.hosts + size.initiators : 0), 0);
}
