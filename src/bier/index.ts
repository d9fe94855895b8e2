export { type Bift, buildBift, buildBifts } from './bift.ts';
export { bitString, hasBit, isEmpty, listBits } from './bits.ts';
export { BIER_NIBBLE, FIXED_HEADER_BYTES, INITIAL_TTL, PROTO_IPV6 } from './constants.ts';
export { attemptOf, flowHash, makeEntropy, mix32 } from './entropy.ts';
export { bitsBeyond, type Copy, type Decision, decide, type Position, viasFrom } from './forwarding.ts';
export { BierHeader, decodeHeader, encodeHeader, headerLength, patchHeader } from './header.ts';
export { pickRelay } from './relay.ts';
