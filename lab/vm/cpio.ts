/** A file, folder or symbolic link of an archive. */
export interface Entry {
  /** Without a leading slash. */
  path: string;
  /** Type and permissions, as in stat(2). */
  mode: number;
  /** Contents of a file, target of a link. */
  data?: Buffer;
}

export const FOLDER = 0o040755;
export const PROGRAM = 0o100755;

const HEADER = 110;
const ALIGNMENT = 4;
const padded = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/** Writes a cpio archive in the "newc" form, the one that Linux unpacks as initramfs (kernel: early-userspace/buffer-format). Pure. */
export function cpio(entries: readonly Entry[]): Buffer {
  const parts = entries.map((entry, index) => record(entry, index + 1));
  return Buffer.concat([...parts, record({ path: 'TRAILER!!!', mode: 0 }, 0)]);
}

function record({ path, mode, data = Buffer.alloc(0) }: Entry, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, uid, gid, links, mtime, size, major, minor, rmajor, rminor, name length, checksum (not used by newc)
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const start = padded(HEADER + name.length);
  const result = Buffer.alloc(start + padded(data.length));
  result.write(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`, 'latin1');
  name.copy(result, HEADER);
  data.copy(result, start);
  return result;
}
