/** Exit codes of the programs. */
export const EXIT_FAILURE = 1;
export const EXIT_BAD_INPUT = 2;

/** Events wait for company at most so long, ms … */
export const EVENT_FLUSH_DELAY = 5;
/** … and at most so many bytes. */
export const EVENT_FLUSH_BYTES = 65_536;

/** ms between two log lines, or two `dropped` events, about the same drop reason. */
export const DROP_LOG_INTERVAL = 1000;
export const DROP_EVENT_INTERVAL = 100;

/** Characters of one request line on the control socket at most. */
export const CONTROL_LINE_LIMIT = 1 << 20;

/** Bytes at the start of a generated payload: stream and sequence number, 32 bits each. */
export const PROBE_HEADER_BYTES = 8;

/** Bytes that a packet takes on Ethernet beside its own: preamble 8, header 14, FCS 4, gap 12. IEEE 802.3 §3, §4.4.2 */
export const ETHERNET_BYTES = 38;

/** Freed memory that a node keeps: what some chunks take on their way through it. */
export const KEPT_BYTES = 64 << 20;
