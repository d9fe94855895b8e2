const KiB = 1024;
const MiB = 1024 * KiB;

/** Datagrams that leave in one go at most: a few, so that a switch never holds more than that. */
export const MAX_BURST = 16;

/**
 * ms that a sender may be ahead of its schedule: the datagrams of so much time leave together, which costs a fraction of what they cost one by
 * one. They wait in this host's own link, never in a switch; what else this host sends waits no longer than this.
 */
export const BURST_TIME = 0.25;

/**
 * ms by which a sender that was late may be ahead of its schedule to make up for it; the rest of the delay is lost. A time slice of a busy
 * machine: less, and a sender that has to share its processor never gets anywhere; more, and it would flood queues.
 */
export const MAX_CATCH_UP = 3;

/** A wait longer than this is left to a timer (whole ms, often one late); a shorter one to passes of the event loop. */
export const TIMER_THRESHOLD = 2;
/**
 * ms of one nap, enough to pass the time between two bursts in one: what comes in meanwhile waits as long. It ends later than it should by the
 * kernel's timer slack, 0.05 ms, so that none is begun when there is less left than that.
 */
export const LONGEST_NAP = 0.15;
export const NAP_LEAD = 0.08;
/** How much earlier than the wanted time the timer is set, ms. */
export const TIMER_LEAD = 1.2;

/** The hash of a chunk is computed while it comes in, in steps of at least this many bytes. */
export const HASH_STEP = 64 * KiB;

/** Bytes of chunk buffers that are kept for the next chunks. */
export const POOL_BYTES = 16 * MiB;
