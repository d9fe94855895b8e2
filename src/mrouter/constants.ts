/** ms between hellos to each target. Source: overlay.md, Reliability of the relay. */
export const HELLO_INTERVAL = 200;

/** Intervals without a sign of life after which a target is dead. Source: overlay.md, Reliability of the relay. */
export const DEAD_AFTER_MISSED = 3;

/** ms between ticks when hellos are off: what expires, expires in time. */
export const IDLE_TICK_INTERVAL = 1000;

/** ms for which a target knows an initiator after its last request. Source: overlay.md, What a target learns. */
export const LEARNED_LIFETIME = 30_000;

/** Initiators that a target knows at most; the one whose request is longest ago is forgotten first. */
export const LEARNED_LIMIT = 16_384;

/** ms for which the labels of the map before the present one are understood. Source: overlay.md, Encapsulation. */
export const LABEL_GRACE = 2000;

/** Forwarding decisions that are remembered; the oldest is forgotten first. About 300 bytes each. */
export const DECISION_LIMIT = 4096;

/** Bytes of an underlay IP packet. */
export const DEFAULT_MTU = 1500;

/** The largest UDP payload over IPv4, bytes: 65535 − 20 − 8. */
export const DATAGRAM_LIMIT = 65_507;

/** Where a BIER header has its nibble 5, a hello has this. */
export const HELLO_NIBBLE = 1;

/** bytes of a hello without vouches */
export const HELLO_BYTES = 12;

/** bytes of a vouch without its bit string */
export const VOUCH_BYTES = 4;
