import { type Path, suggestion } from '../../src/document/index.ts';
import { directionName, type LinkDirection, linkName } from './links.ts';
import type { Problems } from './problems.ts';
import type { Story } from './story.ts';
import type { Filters, Host, Role, Zone } from './topology.ts';

/** What there is in a topology. */
interface Known {
  hosts: ReadonlyMap<string, Host>;
  zones: readonly Zone[];
  routers: readonly string[];
  /** Negotiating groups: name → members. */
  groups: Readonly<Record<string, string[]>>;
  links: readonly LinkDirection[];
  /** Largest IP packet that every link carries, bytes. */
  mtu: number;
  story: Story;
}

/** What a step or an expectation may refer to, and where its problems are reported. */
export class Scope {
  readonly known: Known;
  readonly #problems: Problems;
  readonly #base: Path;

  /** What the expectation here is limited to. */
  readonly filters: Filters;

  constructor(known: Known, problems: Problems, base: Path, filters: Filters = {}) {
    this.known = known;
    this.filters = filters;
    this.#problems = problems;
    this.#base = base;
  }

  get hosts(): Known['hosts'] {
    return this.known.hosts;
  }

  get groups(): Known['groups'] {
    return this.known.groups;
  }

  /** What the steps above have done. */
  get story(): Story {
    return this.known.story;
  }

  /** The same names, for what stands at another place. */
  at(base: Path, filters: Filters = {}): Scope {
    return new Scope(this.known, this.#problems, base, filters);
  }

  /** Reports a problem at `path`, counted from the step or expectation. */
  problem(path: Path, message: string): void {
    this.#problems.at([...this.#base, ...path], message);
  }

  get line(): number {
    return this.#problems.line(this.#base);
  }

  /** Checks that a host exists and has one of the roles that can do what is asked. */
  requireHost(path: Path, name: string, roles: readonly Role[], doing: string): void {
    const host = this.hosts.get(name);
    const fitting = [...this.hosts.values()].filter((known) => roles.includes(known.role)).map((known) => known.name);
    if (!host) this.problem(path, `unknown host "${name}"${suggestion(name, fitting)}`);
    else if (!roles.includes(host.role)) {
      const able = fitting.length > 0 ? ` (there is: ${fitting.slice(0, 8).join(', ')})` : '; the topology has none';
      this.problem(path, `"${name}" has the role ${host.role}: ${doing} needs ${roles.join(' or ')}${able}`);
    }
  }

  /** Checks that a host exists and runs a program: its role's own, or its own. */
  requireProgram(path: Path, name: string, doing: string): void {
    if (this.hosts.get(name)?.run) return;
    this.requireHost(path, name, ['target', 'initiator', 'mrouter'], doing);
  }

  /** Checks that there is a switch, router or host of that name. */
  requireNode(path: Path, name: string): void {
    const { zones, routers, hosts } = this.known;
    const nodes = [...zones.flatMap((zone) => zone.switches), ...routers, ...hosts.keys()];
    if (!nodes.includes(name)) this.problem(path, `unknown host, switch or router "${name}"${suggestion(name, nodes)}`);
  }

  /** Checks that a group exists and returns its members. */
  requireGroup(path: Path, name: string): readonly string[] | undefined {
    if (!Object.hasOwn(this.groups, name)) {
      this.problem(path, `unknown group "${name}"${suggestion(name, Object.keys(this.groups))}`);
      return undefined;
    }
    return this.groups[name];
  }

  /** Checks a list of targets: each exists, is one of `among`, and is there once. */
  requireMembers(path: Path, names: readonly string[], among: readonly string[], what: string): void {
    for (const [index, name] of names.entries()) {
      if (!among.includes(name)) this.problem([...path, index], `"${name}" is not ${what}${suggestion(name, among)}`);
      else if (names.indexOf(name) < index) this.problem([...path, index], `"${name}" is named twice`);
    }
  }

  /** The directions that links (`a--b`, either way round) and directions (`a>b`) mean, each once. */
  requireDirections(path: Path, names: string | readonly string[]): string[] {
    const known = new Map<string, string[]>();
    for (const { name, from, to } of this.known.links) {
      known.set(name, [name]);
      known.set(linkName(from, to), [name, directionName(to, from)]);
    }
    return this.#lookUp(path, names, known, 'link');
  }

  /** The names of whole links, as declared, that these names (either way round) mean, each once. */
  requireLinks(path: Path, names: string | readonly string[]): string[] {
    const known = new Map<string, string[]>();
    const directions = new Set<string>();
    for (const { name, link, from, to } of this.known.links) {
      known.set(linkName(from, to), [link]);
      directions.add(name);
    }
    const isDirection = (name: string) =>
      directions.has(name.replaceAll(' ', ''))
        ? `"${name}" is one direction of a link, and a link goes down as a whole: write ${name.replace(/\s*>\s*/, '--')}, or impair it with loss: 100%`
        : undefined;
    return this.#lookUp(path, names, known, 'link', isDirection);
  }

  #lookUp(
    path: Path,
    names: string | readonly string[],
    known: ReadonlyMap<string, string[]>,
    what: string,
    explain: (name: string) => string | undefined = () => undefined,
  ): string[] {
    const list = typeof names === 'string' ? [names] : names;
    return [
      ...new Set(
        list.flatMap((name, index) => {
          const found = known.get(name.replaceAll(' ', ''));
          if (!found) {
            const message = explain(name) ?? `unknown ${what} "${name}"${suggestion(name, known.keys())}`;
            this.problem(typeof names === 'string' ? path : [...path, index], message);
          }
          return found ?? [];
        }),
      ),
    ];
  }
}
