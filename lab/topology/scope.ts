import { type Path, suggestion } from '../../src/document/index.ts';
import type { LinkDirection } from './links.ts';
import type { Problems } from './problems.ts';
import type { Host, Role } from './topology.ts';

/** What a step or an expectation may refer to, and where its problems are reported. */
export class Scope {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Negotiating groups: name → members. */
  readonly groups: Readonly<Record<string, string[]>>;
  readonly links: readonly LinkDirection[];
  /** Largest IP packet that every link carries, bytes. */
  readonly mtu: number;
  readonly #problems: Problems;
  readonly #base: Path;

  constructor(known: Pick<Scope, 'hosts' | 'groups' | 'links' | 'mtu'>, problems: Problems, base: Path) {
    this.hosts = known.hosts;
    this.groups = known.groups;
    this.links = known.links;
    this.mtu = known.mtu;
    this.#problems = problems;
    this.#base = base;
  }

  /** The same names, for what stands at another place. */
  at(base: Path): Scope {
    return new Scope(this, this.#problems, base);
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
}
