/** Datagrams of one batch at most: what UDP GSO takes, UDP_MAX_SEGMENTS of Linux before 6.9. */
export const BATCH_LIMIT = 64;

/** Bytes that one message of a UDP socket has at most: an IPv4 packet without its headers. RFC 768, RFC 791 */
export const UDP_PAYLOAD_LIMIT = 65_507;

/** Bytes asked for each socket's receive and send buffer; the kernel's rmem_max and wmem_max may grant less. */
export const SOCKET_BUFFER_BYTES = 4 << 20;

/** Datagrams that may wait in this process when the socket's buffer is full; more are dropped and counted. */
export const SEND_QUEUE_LIMIT = 1024;

/** The longest IPv6 packet, bytes: header and 65535. RFC 8200 §3 */
export const PACKET_LIMIT = 65_575;

/** Packets that a gateway takes from its interface before the sockets get another turn. */
export const PACKETS_A_TURN = 64;

/** Flows of programs whose way is remembered, and for how long, ms. */
export const FLOW_LIMIT = 4096;
export const FLOW_LIFETIME = 1000;

/** ICMPv6 errors a second, and at once, that a gateway answers programs with. RFC 4443 §2.4 (f) */
export const ICMP_RATE = 100;
export const ICMP_BURST = 50;

/** Bytes of the length before each datagram on a connection, RFC 4571 §2, and what a length can say at most. */
export const FRAME_LENGTH_BYTES = 2;
export const FRAME_LIMIT = 65_535;

/** Bytes that a connection's socket holds beside the kernel at most: what waits longer waits in the queue, where it can still be dropped. */
export const WRITE_AHEAD_BYTES = 65_536;

/**
 * ms that a connection may take to be up, greeting included. A first packet that is lost would be sent again by the kernel after 1 s
 * (RFC 6298 §2): too late to be back within 1 s after a cut.
 */
export const CONNECT_TIMEOUT = 500;

/** ms before the second try to connect; doubled with each failure … */
export const FIRST_RETRY_DELAY = 50;
/** … up to this. With `CONNECT_TIMEOUT` it bounds how long after a cut the first try that can succeed begins. */
export const LONGEST_RETRY_DELAY = 250;

/** Intervals without a byte from the other end after which a connection is given up. Source: overlay.md, Reliability of the relay. */
export const SILENT_INTERVALS = 3;
