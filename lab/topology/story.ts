import type { LinkDirection } from './links.ts';
import type { LinkProperties } from './topology.ts';

/**
 * Where a scenario has got to: what the steps above have done, in the order of the file. A step that takes back what no step did is a
 * mistake that a run would only hide.
 */
export class Story {
  /** Links that steps took down. */
  readonly down = new Set<string>();
  /** Links that partitions cut. */
  readonly cut = new Set<string>();
  readonly paused = new Set<string>();
  readonly dead = new Set<string>();
  /** Name → line. */
  readonly phases = new Map<string, number>();
  readonly #properties: Map<string, LinkProperties>;

  constructor(links: readonly LinkDirection[]) {
    this.#properties = new Map(links.map(({ name, properties }) => [name, properties]));
  }

  /** What a direction does at this point. */
  properties(direction: string): LinkProperties {
    return this.#properties.get(direction)!;
  }

  change(direction: string, properties: LinkProperties): void {
    this.#properties.set(direction, properties);
  }
}
