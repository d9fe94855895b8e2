import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** A cluster on loopback addresses that no other test process uses, with its files in a folder of its own. */
export interface LoopbackCluster {
  folder: string;
  /** Underlay address of a host. */
  address(zone: number, host: number): string;
  /** Writes the map; groups by default one `g` of all targets. */
  writeMap(change?: Record<string, unknown>): string;
  /** Writes a host's configuration and returns its path. */
  writeConfig(name: string, change?: Record<string, unknown>): string;
}

/** Targets of each zone; `i1` is an initiator in zone a. */
const TARGETS = { a: ['a1', 'a2'], b: ['b1', 'b2'] };

export function loopbackCluster(t: Test): LoopbackCluster {
  const folder = mkdtempSync(join(tmpdir(), 'castlab-overlay-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  // Two of four zones a process: 127.64 … 127.255 for the process id, modulo 2^13.
  const id = process.pid % 8192;
  const subnet = (zone: number) => `127.${64 + (id >> 6)}.${((id & 63) << 2) + zone}`;
  const address = (zone: number, host: number) => `${subnet(zone)}.${host}`;
  const place = (name: string) => {
    const zone = name.startsWith('b') ? 1 : 0;
    const host = name.startsWith('i') ? 100 : Number(name.slice(1));
    return {
      zone: 'ab'[zone]!,
      underlay: address(zone, host),
      mac: `02:00:7f:00:0${zone}:${host.toString(16).padStart(2, '0')}`,
    };
  };
  const names = Object.values(TARGETS).flat();
  return {
    folder,
    address,
    writeMap(change = {}) {
      const path = join(folder, 'map.json');
      const map = {
        prefix: 'fd63:6173:746c:1::/64',
        zones: { a: { subnet: `${subnet(0)}.0/24` }, b: { subnet: `${subnet(1)}.0/24` } },
        targets: Object.fromEntries(names.map((name) => [name, place(name)])),
        groups: { g: { id: '000000000001', members: names } },
        ...change,
      };
      writeFileSync(path, JSON.stringify(map));
      return path;
    },
    writeConfig(name, change = {}) {
      const path = join(folder, `${name}.json`);
      const config = {
        name,
        role: name.startsWith('i') ? 'initiator' : 'target',
        map: 'map.json',
        ...place(name),
        control: `${name}.sock`,
        log: { file: `${name}.log` },
        ...change,
      };
      writeFileSync(path, JSON.stringify(config, undefined, 1));
      return path;
    },
  };
}

/** Waits until something holds, looking again every few ms. @throws Error after 10 s */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 2000) throw new Error(`never came true: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
