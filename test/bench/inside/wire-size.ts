/** Bytes of a UDP payload that fills an Ethernet packet of 1500 bytes. */
export const DATAGRAM = 1472;
