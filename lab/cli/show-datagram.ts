import { InputError } from '../../src/document/index.ts';
import { kindName } from '../../src/replicast/prefix.ts';
import { readEvidence } from '../observe/evidence-folder.ts';
import { oneWayTimes } from '../observe/one-way.ts';
import { alignedTable } from '../report/index.ts';

/** What the names of datagrams look like. */
const IDENTITY = /^[0-9a-f]{4,16}$/;

/**
 * The way of one datagram of a run: what it was, each crossing with its times, each delivery against its floor.
 * @param wanted its identity, or as many of its first digits as no other has
 * @throws InputError when the run knows no such datagram, or several
 */
export async function describeDatagram(folder: string, wanted: string): Promise<string> {
  const { evidence } = await readEvidence(folder);
  const { ledger, datagrams } = evidence;
  const known = [...new Set([...datagrams.keys(), ...ledger.datagrams()])];
  const found = IDENTITY.test(wanted) ? known.filter((id) => id.startsWith(wanted)) : [];
  const [id] = found;
  if (id === undefined || found.length > 1) {
    const message =
      id === undefined
        ? `knows no datagram ${wanted}: failing verdicts in result.json name some, ledger.jsonl all`
        : `knows ${found.length} datagrams that begin with ${wanted}: ${found.slice(0, 5).join(', ')}`;
    throw new InputError([{ file: folder, message }]);
  }
  const datagram = datagrams.get(id);
  const hops = ledger.of(id);
  const start = datagram?.sentAt ?? hops[0]?.sentAt ?? hops[0]?.arrivedAt ?? 0;
  const since = (time: number | undefined, otherwise: string) =>
    time === undefined ? otherwise : `+${(time - start).toFixed(3)}`;
  const message = hops.find(({ replicast }) => replicast)?.replicast;
  const crossings = new Map<string, number>();
  const way = hops.map(({ link, sentAt, arrivedAt, bits, ttl, bytes }) => {
    const times = (crossings.get(link) ?? 0) + 1;
    crossings.set(link, times);
    const repeat = times > 1 ? `crossing ${times} of this link` : '';
    return [link, since(sentAt, 'unseen'), since(arrivedAt, 'never'), bits, String(ttl), String(bytes), repeat];
  });
  const floors = new Map(oneWayTimes(evidence, datagram ? [datagram] : []).map(({ host, floor }) => [host, floor]));
  const delivered = (datagram?.deliveries ?? []).map(({ node, at }) => [
    node,
    since(at, ''),
    floors.get(node)?.toFixed(3) ?? 'unknown',
    datagram!.to.includes(node) ? '' : 'was not addressed',
  ]);
  const missed = (datagram?.to ?? []).filter((host) => !datagram!.deliveries.some(({ node }) => node === host));
  return [
    `datagram ${id} from ${datagram?.from ?? 'unknown'} to ${datagram?.to.join(', ') || 'unknown'}`,
    ...(message
      ? [
          `Replicast ${kindName(message.kind) ?? message.kind}, transaction ${message.txn}, attempt ${message.attempt}, index ${message.index}`,
        ]
      : []),
    ...(missed.length > 0 ? [`missed by ${missed.join(', ')}`] : []),
    '',
    alignedTable(['link', 'left ms', 'arrived ms', 'bits', 'ttl', 'bytes', ''], way),
    alignedTable(['delivered to', 'at ms', 'floor ms', ''], delivered),
  ].join('\n');
}
