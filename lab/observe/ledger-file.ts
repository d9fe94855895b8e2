import { Ledger, type Traversal, timeOf } from './ledger.ts';

/**
 * ledger.jsonl, as docs/evidence.md describes it: a first line with every text that comes again and again, then one line for each datagram with
 * all its traversals. Times are whole nanoseconds after the datagram was first seen: exact, and short. Pure.
 */

/** The first line. What follows names directions, addresses, bit strings and transactions by their positions here, from 0. */
export interface LedgerHeader {
  schema: 1;
  /** `from>to` */
  directions: string[];
  /** Overlay addresses, canonical IPv6 text. */
  addresses: string[];
  /** Hexadecimal bit strings. */
  bits: string[];
  /** Replicast transactions, hexadecimal. */
  transactions: string[];
}

/** One line: a datagram, and each of its traversals in order of time. */
export interface LedgerLine {
  id: string;
  /** When it was first seen, ms on CLOCK_MONOTONIC. */
  t: number;
  source: number;
  destination: number;
  /** Kind, transaction, attempt, index, count; absent when it carries no Replicast message. */
  replicast?: [kind: number, transaction: number, attempt: number, index: number, count: number];
  hops: LedgerHop[];
}

/** Times in ns after `t`; `null`: unseen on leaving, or never arrived. Size in bytes of the underlay IP packet. */
export type LedgerHop = [
  direction: number,
  left: number | null,
  arrived: number | null,
  bits: number,
  ttl: number,
  bytes: number,
];

const NANOSECONDS = 1e6;
const round = (time: number) => Math.round(time * NANOSECONDS) / NANOSECONDS;

/** The lines of the file, as values: the header first. */
export function* ledgerLines(ledger: Ledger): Generator<LedgerHeader | LedgerLine> {
  const tables = { directions: new Table(), addresses: new Table(), bits: new Table(), transactions: new Table() };
  for (const { link, source, destination, bits, replicast } of ledger.traversals) {
    tables.directions.add(link);
    tables.addresses.add(source);
    tables.addresses.add(destination);
    tables.bits.add(bits);
    if (replicast) tables.transactions.add(replicast.txn);
  }
  yield {
    schema: 1,
    directions: tables.directions.texts,
    addresses: tables.addresses.texts,
    bits: tables.bits.texts,
    transactions: tables.transactions.texts,
  };
  for (const id of ledger.datagrams()) {
    const traversals = ledger.of(id);
    const first = traversals[0]!;
    const t = round(timeOf(first));
    const since = (time: number | undefined) => (time === undefined ? null : Math.round((time - t) * NANOSECONDS));
    const { replicast } = first;
    yield {
      id,
      t,
      source: tables.addresses.add(first.source),
      destination: tables.addresses.add(first.destination),
      ...(replicast && {
        replicast: [
          replicast.kind,
          tables.transactions.add(replicast.txn),
          replicast.attempt,
          replicast.index,
          replicast.count,
        ],
      }),
      hops: traversals.map(({ link, sentAt, arrivedAt, bits, ttl, bytes }) => [
        tables.directions.add(link),
        since(sentAt),
        since(arrivedAt),
        tables.bits.add(bits),
        ttl,
        bytes,
      ]),
    };
  }
}

/** The ledger again, from the lines of the file. @throws Error when the file is of a schema that this version does not know. */
export function readLedgerLines(lines: Iterable<string>): Ledger {
  let header: LedgerHeader | undefined;
  const traversals: Traversal[] = [];
  for (const text of lines) {
    if (text === '') continue;
    if (header) traversals.push(...traversalsOf(JSON.parse(text) as LedgerLine, header));
    else header = checked(JSON.parse(text) as LedgerHeader);
  }
  return new Ledger({ traversals: traversals.sort((a, b) => timeOf(a) - timeOf(b)) });
}

function checked(header: LedgerHeader): LedgerHeader {
  if (header.schema !== 1) throw new Error(`ledger.jsonl has schema ${header.schema ?? 'none'}, not 1`);
  return header;
}

function traversalsOf(line: LedgerLine, { directions, addresses, bits, transactions }: LedgerHeader): Traversal[] {
  const { id, t, source, destination } = line;
  const [kind, transaction, attempt, index, count] = line.replicast ?? [];
  const replicast = kind !== undefined && {
    replicast: { kind, txn: transactions[transaction!]!, attempt: attempt!, index: index!, count: count! },
  };
  return line.hops.map(([direction, left, arrived, bitString, ttl, bytes]) => {
    const link = directions[direction]!;
    const [from, to] = link.split('>') as [string, string];
    return {
      link,
      from,
      to,
      id,
      bits: bits[bitString]!,
      ttl,
      bytes,
      source: addresses[source]!,
      destination: addresses[destination]!,
      ...(left !== null && { sentAt: t + left / NANOSECONDS }),
      ...(arrived !== null && { arrivedAt: t + arrived / NANOSECONDS }),
      ...replicast,
    };
  });
}

/** Texts and their positions. */
class Table {
  readonly texts: string[] = [];
  readonly #positions = new Map<string, number>();

  add(text: string): number {
    let position = this.#positions.get(text);
    if (position === undefined) {
      position = this.texts.push(text) - 1;
      this.#positions.set(text, position);
    }
    return position;
  }
}
