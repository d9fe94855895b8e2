import { Kind } from '../../src/replicast/prefix.ts';
import type { Datagram, Evidence, LinkMeasurement } from '../observe/evidence.ts';
import type { Recorded } from '../observe/evidence-folder.ts';
import { timeOf } from '../observe/ledger.ts';
import { oneWayTimes } from '../observe/one-way.ts';
import {
  formatPercentage,
  formatRate,
  formatTime,
  type LinkProperties,
  linkDirections,
  type Topology,
} from '../topology/index.ts';
import { payloadSent } from '../verdict/payload.ts';
import type { Drawing } from './drawing.ts';
import { chunksOf } from './page-chunks.ts';
import { countersOf, machineWords } from './page-counters.ts';
import { type PageData, type PageDirection, type PageNode, TICKS } from './page-data.ts';
import type { RunResult } from './result.ts';

/** What of a run the page shows. Pure. */
export function pageData(result: RunResult, recorded: Recorded, drawing: Drawing): PageData {
  const { evidence, events, steps } = recorded;
  const { topology } = evidence.plan;
  const nodes = nodesOf(topology);
  const numbers = new Map(nodes.map(({ name }, number) => [name, number]));
  const origin = steps[0]?.startedAt ?? events[0]?.t ?? 0;
  const ticks = (time: number) => Math.round((time - origin) * TICKS);
  const directions = directionsOf(evidence, numbers);
  const groups = Object.keys(topology.overlay.groups);
  const columns = new Columns(evidence, { numbers, directions, groups, ticks });
  const { chunks, transactions } = chunksOf(events, columns.transactions, numbers, ticks);
  return {
    result,
    origin,
    end: Math.max(0, ...steps.map(({ endedAt }) => ticks(endedAt)), columns.last),
    nodes,
    directions,
    drawing,
    groups,
    phases: evidence.phases.map(({ name, from }) => ({ name, from: ticks(from) })),
    targetSets: columns.targetSets,
    transactions,
    kinds: Object.fromEntries(Object.entries(Kind).map(([name, code]) => [code, name])),
    copies: columns.copies,
    datagrams: columns.datagrams,
    hops: columns.hops,
    deliveries: columns.deliveries,
    payload: payloadSent(evidence.datagrams.values(), evidence),
    steps: steps.map(({ kind, title, startedAt, endedAt, error }) => ({
      kind,
      title,
      from: ticks(startedAt),
      to: ticks(endedAt),
      ...(error !== undefined && { error }),
    })),
    chunks,
    counters: countersOf(evidence),
    machine: machineWords(evidence, recorded.capture),
  };
}

interface Names {
  numbers: ReadonlyMap<string, number>;
  directions: readonly PageDirection[];
  groups: readonly string[];
  ticks: (time: number) => number;
}

/** Everything about datagrams, turned into columns. */
class Columns {
  readonly datagrams: PageData['datagrams'] = {
    ...{ id: [], at: [], from: [], to: [], group: [], kind: [], transaction: [] },
    ...{ attempt: [], index: [], bytes: [], hops: [], deliveries: [] },
  };
  readonly hops: PageData['hops'] = { direction: [], left: [], took: [], copy: [] };
  readonly deliveries: PageData['deliveries'] = { node: [], took: [], floor: [] };
  readonly targetSets: number[][] = [];
  readonly transactions = new Map<string, number>();
  readonly copies: PageData['copies'] = [];
  /** Ticks of the last thing that happened to any datagram. */
  last = 0;
  readonly #evidence: Evidence;
  readonly #names: Names;
  readonly #setOf = new Map<string, number>();
  readonly #copyOf = new Map<string, number>();
  readonly #directionOf: Map<string, number>;
  /** Floors of deliveries, ms, by datagram, host and time. */
  readonly #floors = new Map<string, number>();

  constructor(evidence: Evidence, names: Names) {
    this.#evidence = evidence;
    this.#names = names;
    this.#directionOf = new Map(names.directions.map(({ name }, number) => [name, number]));
    for (const { datagram, host, at, floor } of oneWayTimes(evidence, evidence.datagrams.values())) {
      this.#floors.set(`${datagram.id} ${host} ${at}`, floor);
    }
    const { datagrams, ledger } = evidence;
    const unsaid = [...ledger.datagrams()].filter((id) => !datagrams.has(id));
    const began = (id: string) => datagrams.get(id)?.sentAt ?? timeOf(ledger.of(id)[0]!);
    const order = [...datagrams.keys(), ...unsaid].map((id) => ({ id, at: began(id) }));
    for (const { id, at } of order.sort((a, b) => a.at - b.at)) this.#add(id, at, datagrams.get(id));
  }

  #add(id: string, at: number, datagram: Datagram | undefined): void {
    const { numbers, groups, ticks } = this.#names;
    const row = this.datagrams;
    const traversals = this.#evidence.ledger.of(id);
    const message = traversals.find(({ replicast }) => replicast)?.replicast;
    row.id.push(id);
    row.at.push(ticks(at));
    row.from.push(datagram ? (numbers.get(datagram.from) ?? -1) : -1);
    row.to.push(this.#targetSet(datagram?.to ?? []));
    row.group.push(datagram?.group === undefined ? -1 : groups.indexOf(datagram.group));
    row.kind.push(message?.kind ?? 0);
    row.transaction.push(message ? position(this.transactions, message.txn) : -1);
    row.attempt.push(message?.attempt ?? datagram?.attempt ?? 1);
    row.index.push(message?.index ?? 0);
    row.bytes.push(datagram?.bytes ?? 0);
    row.hops.push(traversals.length);
    for (const { link, sentAt, arrivedAt, bits, ttl, bytes } of traversals) {
      const left = sentAt ?? arrivedAt ?? at;
      this.hops.direction.push(this.#directionOf.get(link) ?? -1);
      this.hops.left.push(Math.round((left - at) * TICKS));
      this.hops.took.push(arrivedAt === undefined ? -1 : Math.round((arrivedAt - left) * TICKS));
      this.hops.copy.push(this.#copy(bits, ttl, bytes));
      this.last = Math.max(this.last, ticks(arrivedAt ?? left));
    }
    const deliveries = datagram?.deliveries ?? [];
    row.deliveries.push(deliveries.length);
    for (const { node, at: when } of deliveries) {
      const floor = this.#floors.get(`${id} ${node} ${when}`);
      this.deliveries.node.push(numbers.get(node) ?? -1);
      this.deliveries.took.push(Math.round((when - at) * TICKS));
      this.deliveries.floor.push(floor === undefined ? -1 : Math.round(floor * TICKS));
    }
  }

  #targetSet(hosts: readonly string[]): number {
    const known = position(this.#setOf, hosts.join());
    this.targetSets[known] ??= hosts.map((host) => this.#names.numbers.get(host) ?? -1);
    return known;
  }

  #copy(bits: string, ttl: number, bytes: number): number {
    const known = position(this.#copyOf, `${bits} ${ttl} ${bytes}`);
    this.copies[known] ??= [bits, ttl, bytes];
    return known;
  }
}

/** The position of a text, which it gets when it is new. */
function position(positions: Map<string, number>, text: string): number {
  const known = positions.get(text) ?? positions.size;
  if (known === positions.size) positions.set(text, known);
  return known;
}

function nodesOf({ zones, routers, hosts }: Topology): PageNode[] {
  return [
    ...zones.flatMap((zone) =>
      zone.switches.map(
        (name): PageNode => ({ name, kind: 'switch', words: `switch of zone ${zone.name}, ${zone.subnet}` }),
      ),
    ),
    ...routers.map(({ name }): PageNode => ({ name, kind: 'router', words: 'router' })),
    ...hosts.map(
      ({ name, role, address }): PageNode => ({
        name,
        kind: 'host',
        role,
        words: `${role === 'none' ? 'host' : role} ${address}`,
      }),
    ),
  ];
}

function directionsOf(
  { plan, calibration = [], linkBytes }: Evidence,
  numbers: ReadonlyMap<string, number>,
): PageDirection[] {
  const measured = new Map(calibration.map((one) => [one.direction, one]));
  return linkDirections(plan.topology).map(({ name, kind, from, to, properties }) => ({
    name,
    kind,
    from: numbers.get(from)!,
    to: numbers.get(to)!,
    words: describe(properties),
    ...(measured.has(name) && { measured: describeMeasured(measured.get(name)!) }),
    ...(linkBytes && { bytes: linkBytes[name] ?? 0 }),
  }));
}

function describe({ rate, delay, jitter, loss }: LinkProperties): string {
  return [
    rate === undefined ? '' : formatRate(rate),
    delay === undefined ? '' : formatTime(delay),
    jitter === undefined ? '' : `±${formatTime(jitter)}`,
    loss === undefined ? '' : `loss ${formatPercentage(loss)}`,
  ]
    .filter(Boolean)
    .join(' ');
}

function describeMeasured({ rate, delay, loss, off }: LinkMeasurement): string {
  const found = [
    rate === undefined ? '' : `${(rate / 1e6).toFixed(1)}mbit`,
    delay === undefined ? '' : `${delay.toFixed(3)}ms`,
    loss === undefined ? '' : `loss ${(loss * 100).toFixed(2)}%`,
  ];
  return `${found.filter(Boolean).join(' ')}${off === undefined ? '' : ` (${off})`}`;
}
