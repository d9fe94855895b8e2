/**
 * Every number of Replicast that is not a matter of the wire's layout, with its unit and where it comes from.
 * Times in ms, rates in bit/s, sizes in bytes. Those that a configuration may change are the defaults of `settings.ts`.
 */

const second = 1000;
const KiB = 1024;
const MiB = 1024 * KiB;

/** First byte of every message. */
export const PROTOCOL_VERSION = 2;

/** SHA-256 names chunks and objects. */
export const HASH_BYTES = 32;

/** Chunk sizes: replicast.md, "Where a chunk lives". */
export const DEFAULT_CHUNK_BYTES = 1 * MiB;
export const MIN_CHUNK_BYTES = 16 * KiB;
export const MAX_CHUNK_BYTES = 8 * MiB;

/** Copies of a chunk unless the caller says otherwise (seed 002: "given 3 copies"). */
export const DEFAULT_REPLICAS = 3;

/** bit/s that a host's link carries, unless the configuration says otherwise. */
export const DEFAULT_CAPACITY = 1_000_000_000;

/** Share of the capacity that may be reserved; the rest is for control and unsolicited datagrams (seed 002). */
export const SOLICITED_SHARE = 0.9;

/**
 * Share of the reserved rate that a sender leaves unused, so that it paces just under it (seed 002 sets 1% aside for
 * headers; ours are counted byte by byte, so what remains of the 1% is the margin).
 */
export const PACING_MARGIN = 0.01;

/** Share of the capacity that a repair without a reservation may use: half of what is left for unsolicited traffic. */
export const UNSOLICITED_SHARE = 0.05;

/**
 * Bytes that one data datagram occupies on the wire beside its payload: Ethernet preamble, header, FCS and gap (38),
 * IPv4 (20), UDP (8), BIER with a 64-bit string (20), IPv6 (40), UDP (8), Replicast prefix (20).
 */
export const DATAGRAM_OVERHEAD = 154;

/** Bids are awaited for this many measured group round trips (replicast.md, Put). */
export const BID_ROUND_TRIPS = 3;
export const MIN_BID_DEADLINE = 2;
export const MAX_BID_DEADLINE = 150;
/** … unless all members are farther away: then for this many round trips at most. */
export const FAR_ROUND_TRIPS = 1.5;
/** Rounds that ended before all had answered and are remembered, because answers still tell the round trip. */
export const MAX_UNMEASURED = 64;

/** An acknowledgement is missed this many round trips, and the usual store time, after the transfer's end. */
export const ACK_ROUND_TRIPS = 3;
export const MIN_ACK_WAIT = 2;
export const MAX_ACK_WAIT = 1 * second;
/** Before any acknowledgement was measured: a durable write on a busy disk takes tens of ms. */
export const INITIAL_ACK_WAIT = 150;

/** A target that says "storing" for this long is not waited for any more. */
export const MAX_STORING = 10 * second;

/** A reservation, and the transaction it belongs to, is forgotten this long after the window's end (replicast.md). */
export const RESERVATION_GRACE = 1 * second;

/** A proposal that nobody accepts or cancels is forgotten this long after it came, if its window ended before. */
export const TRANSACTION_GRACE = 1 * second;

/** No window is offered that begins later than this many transfers of the proposed chunk, or `MIN_HORIZON`, from now. */
export const HORIZON_TRANSFERS = 16;
export const MIN_HORIZON = 1 * second;

/** How long the window offered in a bid is, in transfers of the chunk (the published simulator's 140%). */
export const BID_MULTIPLIER = 1.4;
/** In hybrid mode the window must hold one transfer per replica (the published simulator's 110% each). */
export const HYBRID_BID_MULTIPLIER = 1.1;
/** The longest window a target offers, in transfers: 64 members at most, a bit each. */
export const MAX_SPAN = 64 * HYBRID_BID_MULTIPLIER;

/**
 * How long an initiator that has measured nothing yet says it will take to decide, and the most that one may say, ms: what
 * a target offers meanwhile is lost to others until it is trimmed. Enough for a round trip of three seconds.
 */
export const INITIAL_PATIENCE = 3;
export const MAX_PATIENCE = 5000;

/** Rounds of a put (or get) that may fail before it does (replicast.md). */
export const MAX_ATTEMPTS = 5;
/** Rounds in all, those included that ended for want of a common window or by choice. The wire has 8 bits for it. */
export const MAX_ROUNDS = 200;

/** First pause after a failed round; doubles with each. */
export const BACKOFF = 10;
export const MAX_BACKOFF = 1 * second;

/** Rounds without a common window after which one transfer for each replica, in successive windows, will do. */
export const CONTENTIONS_BEFORE_HYBRID = 4;
/** A sender that is later than this plans what follows later too, ms. */
export const LATENESS_TOLERANCE = 1;
/** Rounding that window arithmetic may bring, ms. */
export const WINDOW_TOLERANCE = 0.001;

/** A get looks for the next bidder when the winner is silent this long, besides the round trips, ms. */
export const MIN_GET_WAIT = 50;

/** Chunks in flight per initiator (replicast.md, Pipelining). */
export const IN_FLIGHT = 4;

/** A choosy initiator asks again when the wait is at least this many times what it usually is (replicast.md). */
export const CHOOSY_FACTOR = 2;
/** `maxBidWait` starts at this many control round trips (seed 002). */
export const CHOOSY_ROUND_TRIPS = 3;

/** More missing datagrams than this are repaired under a new reservation, fewer in the unsolicited share. */
export const MAX_UNSOLICITED_REPAIR = 64;

/** Silence after which a receiver believes that what is missing will not come by itself. */
export const MIN_QUIET = 2;
/** The same while the end of the transfer has not come: a sender on a busy machine stalls this long now and then. */
export const STALL = 10;
/** … and at least this many datagrams' time. */
export const QUIET_DATAGRAMS = 16;
/** Negative acknowledgements of one transaction; each needs new data to have come since the last. */
export const MAX_NACKS = 16;

/** Bytes of chunks that a target receives or writes at one time; a further proposal is answered "busy". */
export const MAX_RECEIVING = 32 * MiB;
/** Proposals pending at one target. */
export const MAX_TRANSACTIONS = 256;
/** What a busy target tells the initiator to wait. */
export const BUSY_RETRY = 50;
export const NO_SPACE_RETRY = 5 * second;

/**
 * A transfer that takes longer has its accept repeated this often: a target remembers how to reach an initiator for
 * 30 s after the last datagram that said it.
 */
export const ANNOUNCE_INTERVAL = 10 * second;

/** "Unknown transaction" is told to one sender about one transaction this often at most. */
export const UNKNOWN_NACK_INTERVAL = 100;
