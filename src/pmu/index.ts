export { BufferPool } from './buffer-pool.ts';
export { type ChunkPrefix, type SentChunk, sendChunk } from './chunk-sender.ts';
export { type Clock, coarseClock, exactClock } from './clock.ts';
export { Pace } from './pace.ts';
export { PacedSender, type PacedSenderOptions } from './paced-sender.ts';
export { ChunkReassembly, reassemblies } from './reassembly.ts';
