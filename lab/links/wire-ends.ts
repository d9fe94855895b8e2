import { FIRST_INTERFACE } from '../plan/constants.ts';
import type { Batch, Plan, PlannedLink } from '../plan/index.ts';

/** The namespace in which all wires of a lab end; no topology can declare a name with a dot. */
export const WIRE_NAMESPACE = 'castlab.wires';

/** Names of a wire's two interfaces there. */
export function wireInterfaces(index: number): { a: string; b: string } {
  return { a: `w${index}a`, b: `w${index}b` };
}

/** The links that are wires; a wire is known by its position among them. */
export function wiresOf({ links }: Pick<Plan, 'links'>): PlannedLink[] {
  return links.filter(({ backend }) => backend === 'wire');
}

/**
 * The plan with all that its wires need before anything else: each end of a wire is a veth pair from the node's namespace into the one where
 * frames are carried on. What a veth sends comes out one frame at a time, or super-packets would cross a wire whole. Pure.
 */
export function withWires(plan: Plan): Plan {
  const wires = wiresOf(plan);
  if (wires.length === 0) return plan;
  const pair = (index: number, node: string, name: string, inside: string, mtu: string) =>
    `link add index ${index} name ${name} netns ${node}${mtu} gso_max_segs 1 type veth peer name ${inside} netns ${WIRE_NAMESPACE}${mtu}`;
  const ends: Batch = {
    tool: 'ip',
    lines: wires.flatMap((wire, i) => {
      const { a, b, forward } = wire;
      const inside = wireInterfaces(i);
      const index = FIRST_INTERFACE + plan.links.indexOf(wire);
      const mtu = forward.mtu === undefined ? '' : ` mtu ${forward.mtu}`;
      return [pair(index, a.node, a.interface, inside.a, mtu), pair(index, b.node, b.interface, inside.b, mtu)];
    }),
  };
  const up: Batch = {
    namespace: WIRE_NAMESPACE,
    tool: 'ip',
    lines: wires.flatMap((_, i) => {
      const { a, b } = wireInterfaces(i);
      return [`link set dev ${a} up`, `link set dev ${b} up`];
    }),
  };
  return {
    ...plan,
    namespaces: [...plan.namespaces, { name: WIRE_NAMESPACE, kind: 'router', sysctls: SILENT }],
    batches: [ends, up, ...plan.batches],
  };
}

/** Nothing there may send a frame of its own. */
const SILENT = {
  'net/ipv6/conf/all/disable_ipv6': '1',
  'net/ipv6/conf/default/disable_ipv6': '1',
};
