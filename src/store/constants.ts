const KiB = 1024;
const MiB = 1024 * KiB;

/** Bytes that the disk must have left after a chunk is written: for the database's own pages and for everybody else. */
export const DISK_RESERVE = 16 * MiB;

/** Bytes of the database's own pages that a chunk takes: the end of its last page, and the way to it from the root. */
export const ROOM_BESIDE_CHUNK = 64 * KiB;
/** Bytes that are set aside for chunks that may never come. */
export const MAX_ROOM_AHEAD = 16 * MiB;

/** How old what is known of the disk's free space may be, ms. */
export const FREE_SPACE_AGE = 1000;

/**
 * Bytes read through the database's memory map after which it is opened anew: pages once touched count as this
 * process's memory until they are unmapped.
 */
export const REMAP_BYTES = 16 * MiB;

/** Records that a listing takes from the database at a time. */
export const LIST_PAGE = 1000;

/** The file of the database in its folder. */
export const DATA_FILE = 'data.mdb';
/** What an LMDB file (data version 2, as lmdb-js writes it) has after the header of its first page: 0xBEEFC0DE. */
export const META_MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe]);
export const META_MAGIC_OFFSET = 24;
