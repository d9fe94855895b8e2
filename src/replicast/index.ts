export { DEFAULT_CHUNK_BYTES, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from './constants.ts';
export { Counters } from './counters.ts';
export type { Effect, Transfer, TransferPart } from './effects.ts';
export type { Zones } from './fan-out.ts';
export { GeneratedContent } from './generated.ts';
export { contentHash, isContentHash } from './hash.ts';
export type { InitiatorOptions } from './initiator/context.ts';
export { Initiator, type InitiatorEvent } from './initiator/initiator.ts';
export {
  type GetFailure,
  type GetResult,
  listed,
  type Outcome,
  type PutFailure,
  type PutResult,
} from './initiator/outcome.ts';
export { decodeManifest, encodeManifest, looksLikeManifest, MAX_ENTRIES, type ManifestEntry } from './manifest.ts';
export { datagramCount, encodePiece, kindOfAll } from './messages/data.ts';
export { decodeMessage, encodeMessage, type Message } from './messages.ts';
export { groupOf, groupsToAsk, type Membership } from './placement.ts';
export { decodePrefix, Flag, Kind, type KindName, kindName, PREFIX_BYTES, type Prefix, txnHex } from './prefix.ts';
export type { Reassembly, ReassemblyFactory } from './reassembly.ts';
export { Reservations, type Window } from './reservations.ts';
export {
  type ReplicastSettings,
  replicastSettings,
  reservedRate,
  settingsSchema,
  transferTime,
  unsolicitedRate,
} from './settings.ts';
export type { StoreView, TargetOptions } from './target/context.ts';
export { Target, type TargetEvent } from './target/target.ts';
