import { Kind, PREFIX_BYTES } from '../../src/replicast/prefix.ts';
import type { Datagram, Evidence } from '../observe/evidence.ts';

/** What a datagram carries for an application above the overlay. */
export interface Payload {
  /** Names a part of a chunk, the same in every attempt; absent for a datagram that has nothing to do with Replicast. */
  part?: string;
  bytes: number;
}

/** The payload of a datagram; `undefined` for control messages, which carry none. */
export function payloadOf({ id, from, bytes }: Datagram, { ledger }: Evidence): Payload | undefined {
  const message = ledger.of(id).find(({ replicast }) => replicast)?.replicast;
  if (!message) return { bytes };
  const { kind, txn, index } = message;
  if (kind !== Kind.Data && kind !== Kind.GetData) return undefined;
  return { part: `${from} ${txn} ${kind} ${index}`, bytes: bytes - PREFIX_BYTES };
}

/**
 * Bytes of payload in datagrams, each part of a chunk counted once however often it was repeated. Where nobody looked at single datagrams: bytes
 * of the objects that were put.
 */
export function payloadSent(datagrams: Iterable<Datagram>, evidence: Evidence): number {
  if (evidence.linkBytes) return bytesPut(evidence);
  const parts = new Set<string>();
  let payload = 0;
  for (const datagram of datagrams) {
    const carried = payloadOf(datagram, evidence);
    if (!carried || (carried.part !== undefined && parts.has(carried.part))) continue;
    if (carried.part !== undefined) parts.add(carried.part);
    payload += carried.bytes;
  }
  return payload;
}

function bytesPut({ puts }: Evidence): number {
  return puts.reduce((sum, { bytes, error }) => sum + (error === undefined ? bytes : 0), 0);
}
