export { type Bift, buildBift, buildBifts, hashBytes } from './bift.ts';
export { addBits, bitString, hasBit, isEmpty, listBits } from './bits.ts';
export { BIER_NIBBLE, FIXED_HEADER_BYTES, INITIAL_TTL, PROTO_IPV6, TTL_OFFSET } from './constants.ts';
export { attemptOf, flowHash, makeEntropy, mix32 } from './entropy.ts';
export { bitsBeyond, type Copy, type Decision, decide, type Position, viasFrom } from './forwarding.ts';
export { BierHeader, decodeHeader, dscpOf, encodeHeader, headerLength, patchHeader } from './header.ts';
export { pickRelay } from './relay.ts';
