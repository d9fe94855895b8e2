import type { ClusterMap, Target } from '../overlay/index.ts';
import { DEAD_AFTER_MISSED } from './constants.ts';

/**
 * Which targets are alive. A target is dead when it gave no sign of life in so many intervals in a row. Intervals are counted, not
 * measured: a host that was itself asleep does not take all others for dead.
 */
export class Liveness {
  readonly #map: ClusterMap;
  /** By target: intervals in a row without a sign of life. */
  readonly #missed: Uint8Array;
  readonly #heard: Uint8Array;
  /** Whose cluster map is another one, as far as their hellos say. */
  readonly #differs = new Set<Target>();

  /** @param before what was known under the previous map, by target name */
  constructor(map: ClusterMap, before?: Liveness) {
    this.#map = map;
    this.#missed = new Uint8Array(map.targets.length);
    this.#heard = new Uint8Array(map.targets.length);
    if (!before) return;
    for (const target of map.targets) {
      const old = before.#map.targetByName.get(target.name);
      if (old) this.#missed[target.index] = before.#missed[old.index]!;
    }
  }

  /** @param target of this map, or of the one before: then the target of the same name counts */
  isLive(target: Target): boolean {
    const { targets, targetByName } = this.#map;
    const mine = targets[target.index] === target ? target : targetByName.get(target.name);
    return mine === undefined || this.#missed[mine.index]! < DEAD_AFTER_MISSED;
  }

  /** Notes a sign of life. @returns whether the target was dead. */
  heard(target: Target): boolean {
    const revived = !this.isLive(target);
    this.#heard[target.index] = 1;
    this.#missed[target.index] = 0;
    return revived;
  }

  /** Whether a target gave a sign of life in the interval that ended last. */
  heardLately(target: Target): boolean {
    return this.#missed[target.index] === 0;
  }

  noteMap(target: Target, differs: boolean): void {
    if (differs) this.#differs.add(target);
    else this.#differs.delete(target);
  }

  /** Ends an interval. @returns whether a target died. */
  endInterval(self: Target | undefined): boolean {
    let died = false;
    for (const target of this.#map.targets) {
      const at = target.index;
      if (this.#heard[at] === 0 && target !== self && this.isLive(target)) {
        this.#missed[at]!++;
        died ||= !this.isLive(target);
      }
      this.#heard[at] = 0;
    }
    return died;
  }

  get dead(): Target[] {
    return this.#map.targets.filter((target) => !this.isLive(target));
  }

  get otherMaps(): Target[] {
    return [...this.#differs];
  }
}
