import type { Target, Zone } from '../overlay/index.ts';
import type { Vouch } from './hello.ts';

/** @param members of the zone, in the order of the map */
export function makeVouch(zone: Zone, members: readonly Target[], isAlive: (target: Target) => boolean): Vouch {
  const alive = new Uint8Array(Math.ceil(members.length / 8));
  for (const [i, member] of members.entries()) if (isAlive(member)) alive[i >>> 3]! |= 1 << (i & 7);
  return { zone: zone.index, alive };
}

/** The targets that a vouch is for. */
export function vouchedFor({ alive }: Vouch, members: readonly Target[]): Target[] {
  return members.filter((_, i) => ((alive[i >>> 3] ?? 0) & (1 << (i & 7))) !== 0);
}
