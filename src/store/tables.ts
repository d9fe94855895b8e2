import { type Database, open, type RootDatabase } from 'lmdb';

/** Where a chunk lies: its bytes, in parts that one writing has made. */
export interface Entry {
  /** Of the writing. */
  number: bigint;
  /** Bytes of the chunk. */
  length: number;
}

const ENTRY = { length: 0, number: 4, size: 12 } as const;
const PART_KEY = { number: 0, offset: 8, size: 12 } as const;
const NUMBER_BYTES = 8;
const MARK = Buffer.of(1);
/** What a database has in which each chunk is one record. */
const FORMER_TABLE = 'lengths';

/**
 * The layout of a chunk store in an LMDB database. A chunk may come bit by bit, and has no name before its last byte is there: so its bytes lie
 * in parts, by the number of their writing (64 bits) and the offset of the part (32 bits), and a directory says by content hash how long it is
 * (32 bits) and which writing's parts are its own. Writings that have begun and not ended have a table too, by their number. All numbers are
 * big-endian.
 */
export class Tables {
  readonly #root: RootDatabase;
  readonly #directory: Database<Buffer, Uint8Array>;
  readonly #parts: Database<Buffer, Uint8Array>;
  readonly #begun: Database<Buffer, Uint8Array>;

  /** @throws Error when there is no such database, or it has another layout */
  constructor(path: string, readOnly: boolean) {
    this.#root = open({
      path,
      // Whatever its name looks like, it is a folder.
      noSubdir: false,
      readOnly,
      overlappingSync: false,
      eventTurnBatching: false,
      maxDbs: 3,
    });
    if ([...this.#root.getKeys()].includes(FORMER_TABLE)) {
      void this.#root.close();
      throw new Error('it has the layout of an earlier version; put its chunks into a new folder');
    }
    const table = (name: string): Database<Buffer, Uint8Array> | undefined =>
      this.#root.openDB(name, { encoding: 'binary', keyEncoding: 'binary' });
    const [directory, parts, begun] = [table('directory'), table('parts'), table('begun')];
    // Nothing makes a table that is only to be read.
    if (!directory || !parts || !begun) throw new Error('there are no chunks in it');
    this.#directory = directory;
    this.#parts = parts;
    this.#begun = begun;
  }

  entry(hash: Uint8Array): Entry | undefined {
    const value = this.#directory.get(hash);
    if (value?.length !== ENTRY.size) return undefined;
    return { length: value.readUInt32BE(ENTRY.length), number: value.readBigUInt64BE(ENTRY.number) };
  }

  /** Hashes in order. @param after the one before the first; none: from the beginning */
  hashes(after: Uint8Array | undefined, limit: number): Buffer[] {
    const start = after && Buffer.concat([after, Buffer.alloc(1)]);
    return [...this.#directory.getKeys({ ...(start && { start }), limit })] as Buffer[];
  }

  /** The parts of a chunk in order, each good only until the next is asked for; they end early where one is missing. */
  *parts({ number, length }: Entry): Iterable<Uint8Array> {
    for (let at = 0; at < length; ) {
      // LMDB reads into one buffer again and again, and says with `length` how much of it counts.
      const shared = this.#parts.getBinaryFast(partKey(number, at));
      if (!shared || shared.length === 0 || at + shared.length > length) return;
      yield new Uint8Array(shared.buffer, shared.byteOffset, shared.length);
      at += shared.length;
    }
  }

  /** The largest number of a writing of which there is anything. */
  get lastNumber(): bigint {
    for (const key of this.#parts.getKeys({ reverse: true, limit: 1 }) as Iterable<Buffer>)
      return key.readBigUInt64BE();
    return 0n;
  }

  /** Commits what `work` changes, all of it or nothing; resolves when it is durable. */
  async write(work: (change: Change) => void): Promise<void> {
    await this.#root.batch(() => work(this.#change));
  }

  /** Removes what writings have left that ended with their process. */
  dropUnfinished(): void {
    const begun = [...this.#begun.getKeys()] as Buffer[];
    if (begun.length === 0) return;
    this.#root.transactionSync(() => {
      for (const number of begun) this.#change.drop(number.readBigUInt64BE());
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  readonly #change: Change = {
    begin: (number) => {
      this.#begun.put(numberKey(number), MARK);
    },
    part: (number, offset, bytes) => {
      this.#parts.put(partKey(number, offset), bytes as Buffer);
    },
    enter: (hash, { number, length }) => {
      const value = Buffer.alloc(ENTRY.size);
      value.writeUInt32BE(length, ENTRY.length);
      value.writeBigUInt64BE(number, ENTRY.number);
      this.#directory.put(hash, value);
      this.#begun.remove(numberKey(number));
    },
    drop: (number) => {
      const range = { start: partKey(number, 0), end: partKey(number + 1n, 0) };
      for (const key of [...this.#parts.getKeys(range)] as Buffer[]) this.#parts.remove(key);
      this.#begun.remove(numberKey(number));
    },
  };
}

/** What can be changed in one commit. */
export interface Change {
  /** Notes a writing that will need more than one commit. */
  begin(number: bigint): void;
  /** @param bytes must not change before the commit */
  part(number: bigint, offset: number, bytes: Uint8Array): void;
  /** Names what a writing has made. */
  enter(hash: Uint8Array, entry: Entry): void;
  /** Removes what a writing has made that is in the database. */
  drop(number: bigint): void;
}

function numberKey(number: bigint): Buffer {
  const key = Buffer.alloc(NUMBER_BYTES);
  key.writeBigUInt64BE(number);
  return key;
}

function partKey(number: bigint, offset: number): Buffer {
  const key = Buffer.alloc(PART_KEY.size);
  key.writeBigUInt64BE(number, PART_KEY.number);
  key.writeUInt32BE(offset, PART_KEY.offset);
  return key;
}
