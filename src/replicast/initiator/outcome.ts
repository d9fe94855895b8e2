/** How a put ended well. */
export interface PutResult {
  hash: string;
  /** Negotiating group that has it. */
  group: string;
  bytes: number;
  /** Names of the targets that have it, verified and durable. */
  replicas: string[];
  /** Failed rounds + 1. */
  attempts: number;
  /** Negotiations, those included that were given up for a better window. */
  rounds: number;
  /** Payload bytes sent, all attempts together (a multicast datagram counts once). */
  sentBytes: number;
  /** ms from the put event to the last acknowledgement. */
  ms: number;
}

/** How a put failed: which replicas are stored all the same, and what each other member did. */
export interface PutFailure {
  hash: string;
  group: string;
  bytes: number;
  wanted: number;
  stored: string[];
  /** Members that never answered the last proposal, or were sent the chunk and never acknowledged it. */
  silent: string[];
  refused: { target: string; why: string }[];
  attempts: number;
  rounds: number;
  ms: number;
  message: string;
}

export interface GetResult {
  hash: string;
  bytes: number;
  /** Name of the target that sent it. */
  from: string;
  group: string;
  attempts: number;
  ms: number;
}

export interface GetFailure {
  hash: string;
  /** Every member that was asked. */
  asked: string[];
  /** Of those: said that they do not have it. */
  notFound: string[];
  /** Of those: did not answer, or offered and then did not send. */
  silent: string[];
  /** Of those: sent something else. */
  corrupt: string[];
  attempts: number;
  ms: number;
  message: string;
}

/** What an initiator tells its user. */
export type Outcome =
  | { kind: 'put-done'; id: number; result: PutResult }
  | { kind: 'put-failed'; id: number; failure: PutFailure }
  /** `release` gives the chunk's buffer back once the user has done with it. */
  | { kind: 'get-done'; id: number; result: GetResult; chunk: Uint8Array; release: () => void }
  | { kind: 'get-failed'; id: number; failure: GetFailure };

/** `t1, t2 and t3`; `none` for an empty list. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  if (names.length === 1) return names[0]!;
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
