import { biftId } from './bift-id.ts';
import type { Group, MemberSet, Target } from './cluster-map.ts';
import { ADDRESS_MAP_BITS, BIT_STRING_LENGTHS, DEFAULT_BIT_STRING_LIMIT } from './constants.ts';

/** How many group ids a group of so many members owns: one for each map of an address. */
export function idsOwned(members: number): number {
  return Math.max(1, Math.ceil(members / ADDRESS_MAP_BITS));
}

/** The shortest bit string that holds so many members, but no longer than `DEFAULT_BIT_STRING_LIMIT`: then it takes several sets. */
export function defaultBitStringLength(members: number): number {
  return BIT_STRING_LENGTHS.find((length) => length >= members || length === DEFAULT_BIT_STRING_LIMIT)!;
}

/** A group with its sets of members and their labels. */
export function makeGroup(name: string, id: number, members: readonly Target[], bitStringLength: number): Group {
  const sets: MemberSet[] = [];
  const group: Group = { name, id, members, bitStringLength, sets };
  const addresses = members.map((member) => member.overlay);
  for (let first = 0; first < members.length; first += bitStringLength) {
    const setIdentifier = sets.length;
    sets.push({
      group,
      setIdentifier,
      biftId: biftId(id, addresses, setIdentifier, bitStringLength),
      members: members.slice(first, first + bitStringLength),
    });
  }
  return group;
}
