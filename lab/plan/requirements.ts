import { type LinkProperties, linkDirections, type Topology } from '../topology/index.ts';

/** Which emulator does what tbf does not: the kernel's if it is there, or the one that is named, for comparing them. */
export type LinkMode = (typeof linkModes)[number];
export const linkModes = ['auto', 'netem', 'wire'] as const;

/** A property that a link needs a backend for. */
export type LinkFeature = Exclude<keyof LinkProperties, 'mtu' | 'jitterReorder'> | 'rules';

/** Something that one direction of a link is declared to do, or told to do later, and the kind of backend that can do it. */
export interface Requirement {
  /** `a--b` */
  link: string;
  /** `a>b` */
  direction: string;
  feature: LinkFeature;
  needs: 'tbf' | 'netem' | 'wire' | 'netem-or-wire';
}

type Class = 'rate' | 'emulation' | 'rules';

/** What the kernel's veth pair does by itself is not listed. */
const CLASSES: { [feature in LinkFeature]: Class } = {
  rate: 'rate',
  queue: 'rate',
  delay: 'emulation',
  jitter: 'emulation',
  loss: 'emulation',
  duplicate: 'emulation',
  reorder: 'emulation',
  corrupt: 'emulation',
  rules: 'rules',
};

const NEEDS: Record<LinkMode, Record<Class, Requirement['needs']>> = {
  auto: { rate: 'tbf', emulation: 'netem-or-wire', rules: 'wire' },
  netem: { rate: 'tbf', emulation: 'netem', rules: 'wire' },
  wire: { rate: 'wire', emulation: 'wire', rules: 'wire' },
};

type Declared = Pick<Topology, 'hosts' | 'trunks'> & Partial<Pick<Topology, 'scenario' | 'observe'>>;

/**
 * What the links of a topology need, in the order of the links: by what they declare, then by what the scenario does to them. Where the kernel
 * is to count datagrams that pass many at a time, it has to have the links: no mode makes wires of them.
 */
export function requirements(topology: Declared, wanted: LinkMode = 'auto'): Requirement[] {
  const mode = topology.observe === 'counters' ? 'auto' : wanted;
  const ruled = directionsWithRules(topology);
  return linkDirections(topology).flatMap((direction) => {
    const features = new Set<string>(Object.keys(direction.properties));
    for (const step of topology.scenario ?? []) {
      if (step.kind !== 'impair' || !step.directions.includes(direction.name)) continue;
      for (const feature of Object.keys(step.change)) features.add(feature);
    }
    if (ruled.has(direction.name)) features.add('rules');
    return [...features].flatMap((feature) => {
      const needed = CLASSES[feature as LinkFeature];
      if (needed === undefined) return [];
      const { link, name } = direction;
      return [{ link, direction: name, feature: feature as LinkFeature, needs: NEEDS[mode][needed] }];
    });
  });
}

/** The directions that some frame rule is about. */
function directionsWithRules({ hosts, trunks }: Declared): Set<string> {
  const ruled = new Set<string>();
  const add = (ends: readonly [string, string], rules: Topology['trunks'][number]['rules'] = []) => {
    for (const { toward } of rules) {
      const [a, b] = ends;
      if (toward !== a) ruled.add(`${a}>${b}`);
      if (toward !== b) ruled.add(`${b}>${a}`);
    }
  };
  for (const { name, switch: at, rules } of hosts) add([name, at], rules);
  for (const { a, b, rules } of trunks) add([a, b], rules);
  return ruled;
}
