import { multicastGroupId, parseIpv6 } from '../../src/overlay/index.ts';
import type { Dissected } from '../observe/dissect.ts';
import type { PlannedRule } from '../plan/index.ts';

/** The frame rules of one link direction. Pure. */
export class Rules {
  readonly #rules: readonly PlannedRule[];
  /** How many frames each rule has matched, its `nth` left aside. */
  readonly #matched: number[];

  constructor(rules: readonly PlannedRule[]) {
    this.#rules = rules;
    this.#matched = rules.map(() => 0);
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** The first rule that the datagram matches. Call it once for each frame, in their order: rules count. */
  match(datagram: Dissected): PlannedRule | undefined {
    let acting: PlannedRule | undefined;
    for (const [i, rule] of this.#rules.entries()) {
      if (!fits(rule, datagram)) continue;
      const nth = ++this.#matched[i]!;
      if (acting === undefined && (rule.nth === undefined || rule.nth === nth)) acting = rule;
    }
    return acting;
  }
}

function fits({ kind, groupId, index, attempt }: PlannedRule, { destination, replicast }: Dissected): boolean {
  if (kind !== undefined && replicast?.kind !== kind) return false;
  if (attempt !== undefined && replicast?.attempt !== attempt) return false;
  if (index !== undefined && (replicast === undefined || !index.includes(replicast.index))) return false;
  return groupId === undefined || multicastGroup(destination) === groupId;
}

function multicastGroup(address: string): number | undefined {
  return address.startsWith('ff15:') ? multicastGroupId(parseIpv6(address)!) : undefined;
}
