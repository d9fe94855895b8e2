import { type LinkProperties, linkDirections, type Topology } from '../topology/index.ts';

/** Something that one direction of a link is declared to do, and the kind of backend that can do it. */
export interface Requirement {
  /** `a--b` */
  link: string;
  /** `a>b` */
  direction: string;
  feature: keyof LinkProperties;
  needs: 'tbf' | 'netem-or-wire';
}

/** What the kernel's veth pair does by itself is not listed. */
const NEEDS: { [feature in keyof LinkProperties]: Requirement['needs'] } = {
  rate: 'tbf',
  queue: 'tbf',
  delay: 'netem-or-wire',
  jitter: 'netem-or-wire',
  loss: 'netem-or-wire',
  duplicate: 'netem-or-wire',
  reorder: 'netem-or-wire',
  corrupt: 'netem-or-wire',
};

/** What the links of a topology need, in the order of the links. */
export function requirements(topology: Pick<Topology, 'hosts' | 'trunks'>): Requirement[] {
  return linkDirections(topology).flatMap(({ link, name, properties }) =>
    (Object.keys(properties) as (keyof LinkProperties)[]).flatMap((feature) => {
      const needs = NEEDS[feature];
      return needs ? [{ link, direction: name, feature, needs }] : [];
    }),
  );
}
