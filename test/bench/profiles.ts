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
/** Bytes of each of their chunks. */
const CHUNK = 1 << 20;
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
      const { initiator, target } = await seen('profile-replicate', 'time', mtu, shaping, SIZE);
      watched.push([`initiator, ${suffix}`, initiator!], [`target, ${suffix}`, target!]);
    }
    return breakdowns(watched);
  },
};

/** What each of some programs allocated for each piece of work, side by side; parts below `worth` bytes are left out. */
function allocated(
  watched: readonly { name: string; one: Watched; pieces: number }[],
  worth: number,
): Omit<ProfileResult, 'name' | 'work' | 'measuredAt'> {
  const columns = watched.map(({ one, pieces }) => {
    const { heap, outside, largest } = allocations(one.memory!, one.buffers, placeOf);
    const each = new Map(largest.map(({ name, bytes }) => [name, bytes / pieces]));
    return { heap: heap / pieces, outside: outside / pieces, each };
  });
  const names = new Set(
    columns.flatMap(({ each }) => [...each].flatMap(([name, bytes]) => (bytes < worth ? [] : name))),
  );
  return {
    unit: 'bytes',
    columns: watched.map(({ name }) => name),
    lines: [
      { part: 'all, in the heap', values: columns.map(({ heap }) => heap) },
      { part: 'all, outside the heap', values: columns.map(({ outside }) => outside) },
      ...[...names].map((part) => ({ part, values: columns.map(({ each }) => each.get(part) ?? null) })),
    ],
    notes: [],
  };
}

const allocationsOfRelay: Profile = {
  name: 'allocations',
  work: 'bytes that a relay allocates for each datagram that it passes on, collected since or not',
  run: async () => {
    const watched = [];
    for (const sockets of SOCKETS) {
      const found = await seen('profile-relay', 'memory', sockets, DURATION);
      const { relay, relayed } = found as unknown as { relay: Watched; relayed: number };
      watched.push({ name: `sockets: ${sockets}`, one: relay, pieces: relayed });
    }
    return allocated(watched, 1);
  },
};

const allocationsOfReplicate: Profile = {
  name: 'allocations-replicate',
  work: 'bytes that the initiator and one of the targets allocate for each chunk of 1 MiB, collected since or not; MTU 9000, no shaping',
  run: async () => {
    const { initiator, target } = await seen('profile-replicate', 'memory', 9000, 'free', SIZE);
    const pieces = SIZE / CHUNK;
    return allocated(
      [
        { name: 'initiator', one: initiator!, pieces },
        { name: 'target', one: target!, pieces },
      ],
      CHUNK / 200,
    );
  },
};

export const PROFILES: readonly Profile[] = [allocationsOfRelay, allocationsOfReplicate, timeRelay, timeReplicate];
