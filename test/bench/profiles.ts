import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runInside } from './child.ts';
import { allocations } from './profile/allocations.ts';
import type { Watched } from './profile/hook.ts';
import { placeOf } from './profile/places.ts';
import { breakDown, STAGES } from './profile/stages.ts';
import type { ProfileResult } from './result.ts';

/** Looks into programs at work. */
export interface Profile {
  name: string;
  work: string;
  run(): Promise<Omit<ProfileResult, 'name' | 'work' | 'measuredAt'>>;
}

/** How long a relay is watched, ms. */
const DURATION = 3000;
/** Bytes that are put while initiator and target are watched. */
const SIZE = 64 << 20;
const SOCKETS = ['dgram', 'kernel'] as const;
/** Functions with a larger share than this are named. */
const WORTH_NAMING = 0.01;

/** Runs a program that writes what was seen to a file, and reads that. */
async function seen(program: string, ...args: (string | number)[]): Promise<Record<string, Watched>> {
  const folder = mkdtempSync('/tmp/castlab-seen-');
  const file = join(folder, 'seen.json');
  await runInside(program, ...args, file);
  const content = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  return content;
}

/** What each of some programs did, side by side. */
function breakdowns(
  watched: readonly (readonly [string, Watched])[],
): Omit<ProfileResult, 'name' | 'work' | 'measuredAt'> {
  const all = watched.map(([name, one]) => ({ name, one, ...breakDown(one.time!, placeOf) }));
  return {
    unit: 'share',
    columns: all.map(({ name }) => name),
    lines: [
      ...STAGES.map((part) => ({ part, values: all.map(({ stages }) => stages.get(part) ?? null) })).filter(
        ({ values }) => values.some((value) => value !== null),
      ),
      ...(['user', 'system'] as const).map((kind) => ({
        part: `processor time of all its threads, ${kind}`,
        values: all.map(({ one }) => one.cpu[kind] / 1000 / one.wall),
      })),
    ],
    notes: all.map(({ name, hottest }) => {
      const named = hottest.filter(({ share }) => share >= WORTH_NAMING);
      return `${name}: ${named.map((one) => `${one.name} ${(one.share * 100).toFixed(1)}%`).join(', ')}`;
    }),
  };
}

const timeRelay: Profile = {
  name: 'time-relay',
  work: 'what a relay does while it is given more datagrams than it can take; shares of the time of its main thread',
  run: async () => {
    const watched: [string, Watched][] = [];
    for (const sockets of SOCKETS) {
      watched.push([`sockets: ${sockets}`, (await seen('profile-relay', 'time', sockets, DURATION))['relay']!]);
    }
    return breakdowns(watched);
  },
};

const timeReplicate: Profile = {
  name: 'time-replicate',
  work: 'what the initiator and one of the targets do during `replicate`; shares of the time of their main threads',
  run: async () => {
    const watched: [string, Watched][] = [];
    for (const [mtu, shaping, suffix] of [
      [9000, 'shaped', '9000'],
      [1500, 'shaped', '1500'],
      [9000, 'free', 'free'],
    ] as const) {
      const { initiator, target } = await seen('profile-replicate', mtu, shaping, SIZE);
      watched.push([`initiator, ${suffix}`, initiator!], [`target, ${suffix}`, target!]);
    }
    return breakdowns(watched);
  },
};

const allocationsOfRelay: Profile = {
  name: 'allocations',
  work: 'bytes that a relay allocates for each datagram that it passes on, collected since or not',
  run: async () => {
    const columns: { name: string; heap: number; outside: number; each: Map<string, number> }[] = [];
    for (const sockets of SOCKETS) {
      const { relay, relayed } = (await seen('profile-relay', 'memory', sockets, DURATION)) as unknown as {
        relay: Watched;
        relayed: number;
      };
      const found = allocations(relay.memory!, relay.buffers, placeOf);
      const each = new Map(found.largest.map(({ name, bytes }) => [name, bytes / relayed]));
      columns.push({ name: `sockets: ${sockets}`, heap: found.heap / relayed, outside: found.outside / relayed, each });
    }
    const names = new Set(columns.flatMap(({ each }) => [...each].flatMap(([name, bytes]) => (bytes < 1 ? [] : name))));
    return {
      unit: 'bytes',
      columns: columns.map(({ name }) => name),
      lines: [
        { part: 'all, in the heap', values: columns.map(({ heap }) => heap) },
        { part: 'all, outside the heap', values: columns.map(({ outside }) => outside) },
        ...[...names].map((part) => ({ part, values: columns.map(({ each }) => each.get(part) ?? null) })),
      ],
      notes: [],
    };
  },
};

export const PROFILES: readonly Profile[] = [allocationsOfRelay, timeRelay, timeReplicate];
