export { type ChunkStore, type StoreCounters, type StoredChunk, StoreError, StoreFullError } from './chunk-store.ts';
export { DATA_FILE } from './constants.ts';
export type { SetAside } from './disk-room.ts';
export { LmdbStore, type LmdbStoreOptions } from './lmdb-store.ts';
export { MemoryStore } from './memory-store.ts';
