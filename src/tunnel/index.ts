export { BATCH_LIMIT } from './constants.ts';
export { type Batch, eachDatagram, type ReceivedBatch, type Tunnel, type TunnelHost } from './tunnel.ts';
export { UdpTunnel } from './udp.ts';
