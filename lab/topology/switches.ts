import { suggestion } from '../../src/document/index.ts';
import type { Problems } from './problems.ts';
import type { ZoneDeclaration } from './schema.ts';

/** The switches of one zone. */
export interface ZoneSwitches {
  /** The first is the gateway. */
  names: string[];
  /** Host → its switch. */
  at: ReadonlyMap<string, string>;
}

/** The switches of a zone and who is where: one with the zone's name and all its hosts, or those that it declares. */
export function readSwitches(
  zone: string,
  { hosts, switches }: Pick<ZoneDeclaration, 'hosts' | 'switches'>,
  problems: Problems,
): ZoneSwitches {
  const known = Object.keys(hosts);
  if (!switches) return { names: [zone], at: new Map(known.map((host) => [host, zone])) };
  const at = new Map<string, string>();
  for (const [name, members] of Object.entries(switches)) {
    for (const [index, host] of members.entries()) {
      const path = ['zones', zone, 'switches', name, index];
      if (!known.includes(host)) {
        problems.at(path, `"${host}" is no host of zone ${zone}${suggestion(host, known)}`);
      } else if (at.has(host)) {
        problems.at(path, `"${host}" is at switch ${at.get(host)} already`);
      } else at.set(host, name);
    }
  }
  const names = Object.keys(switches);
  for (const host of known) {
    if (at.has(host)) continue;
    problems.atKey(['zones', zone, 'hosts', host], `${host} is at no switch: add it to one of ${names.join(', ')}`);
    at.set(host, names[0]!);
  }
  return { names, at };
}
