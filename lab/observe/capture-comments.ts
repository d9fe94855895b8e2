import { open, rename, rm } from 'node:fs/promises';
import type { OtherFrame } from './capture-log.ts';
import type { Traversal } from './ledger.ts';
import { packetOf, withComment } from './pcapng.ts';
import type { Sighting } from './sighting.ts';

/** Bytes of the file that are read at a time. */
const PIECE = 1 << 20;
/** Type and length, which every block begins with. */
const BLOCK_HEAD = 8;

/** Of a comment: the how manyth packet (from 0) that left or came at a link end. */
type Place = `${string} ${Sighting['way']} ${number}`;
export type Comments = ReadonlyMap<Place, string>;

/**
 * Where in the capture file the crossings of some datagrams are, with what is to be said about each. A link end's packets are in the file in the
 * order in which they were seen there, so that counting finds them without regard to clocks. Pure.
 * @param seen everything that the capture saw, in order of time
 * @param said crossings, and what is said about them
 */
export function placeComments(
  seen: { sightings: readonly Sighting[]; others: readonly OtherFrame[] },
  said: readonly { hops: readonly Traversal[]; text: string }[],
): Comments {
  const wanted = new Map<string, string[]>();
  const say = (end: string, way: Sighting['way'], time: number | undefined, id: string, text: string) => {
    if (time === undefined) return;
    const key = `${end} ${way} ${time} ${id}`;
    wanted.set(key, [...(wanted.get(key) ?? []), text]);
  };
  for (const { hops, text } of said) {
    const crossings = new Map<string, number>();
    for (const { link, from, to, id, sentAt, arrivedAt } of hops) {
      const times = (crossings.get(link) ?? 0) + 1;
      crossings.set(link, times);
      const words = `${text} (crossing ${times} of ${link})`;
      say(`${from}>${to}`, 'out', sentAt, id, words);
      say(`${to}>${from}`, 'in', arrivedAt, id, words);
    }
  }
  const comments = new Map<Place, string>();
  if (wanted.size === 0) return comments;
  const counts = new Map<string, number>();
  const inOrder: (OtherFrame & { id?: string })[] = [...seen.sightings, ...seen.others].sort((a, b) => a.time - b.time);
  for (const { end, way, time, id } of inOrder) {
    const place = `${end} ${way}` as const;
    const number = counts.get(place) ?? 0;
    counts.set(place, number + 1);
    const texts = wanted.get(`${place} ${time} ${id}`);
    if (texts) comments.set(`${place} ${number}`, texts.join('; '));
  }
  return comments;
}

/**
 * Writes comments into a finished capture file; it is replaced at once, or, when there is no room for it twice, not at all.
 * @param ends names of its interfaces, in order
 */
export async function commentCapture(file: string, ends: readonly string[], comments: Comments): Promise<void> {
  if (comments.size === 0) return;
  const counts = new Map<string, number>();
  const written = (block: Buffer): Buffer => {
    const packet = packetOf(block);
    if (!packet) return block;
    const place = `${ends[packet.interface]!} ${packet.outgoing ? 'out' : 'in'}` as const;
    const number = counts.get(place) ?? 0;
    counts.set(place, number + 1);
    const comment = comments.get(`${place} ${number}` as Place);
    return comment === undefined ? block : withComment(block, comment);
  };
  const from = await open(file, 'r');
  const to = await open(`${file}.part`, 'w');
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const { buffer, bytesRead } = await from.read(Buffer.allocUnsafe(PIECE), 0, PIECE);
      if (bytesRead === 0) break;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const blocks: Buffer[] = [];
      let at = 0;
      while (rest.length - at >= BLOCK_HEAD) {
        const length = rest.readUInt32LE(at + 4);
        if (rest.length - at < length) break;
        blocks.push(written(rest.subarray(at, at + length)));
        at += length;
      }
      await to.writev(blocks);
      rest = rest.subarray(at);
    }
    await rename(`${file}.part`, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    await rm(`${file}.part`, { force: true });
  } finally {
    await from.close();
    await to.close();
  }
}
