/**
 * What a relay does while it is given all it can take: `profile-relay.ts time|memory dgram|kernel MS FILE`. What was seen
 * goes to FILE as JSON, with the datagrams that were relayed meanwhile: see `profile/`.
 */
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterSandbox } from '../../../lab/sandbox/index.ts';
import { Profiling } from '../profile/profiled.ts';
import { PORT, RelayLab, SETTLING, type Sockets } from './relay-lab.ts';

/** Before it is watched, ms: programs run slower at first. */
const WARM_UP = 1000;

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [kind, sockets, duration, output] = process.argv.slice(2) as ['time' | 'memory', Sockets, string, string];
const profiling = new Profiling(kind);
const lab = await RelayLab.build();
await lab.drain();
const relay = await lab.startMRouter(sockets, profiling.nodeArguments);
const datagrams = lab.overlayDatagrams();
const beginning = datagrams.make(Buffer.alloc(datagrams.maxPayload)).toString('hex');
await sleep(SETTLING);
const total = WARM_UP + Number(duration) + 2 * SETTLING;
const blast = lab.startInside('s', 'blast', lab.address('s'), lab.address('r'), PORT, total, beginning);
await sleep(WARM_UP + SETTLING);
await profiling.begin([relay.pid]);
const before = await relay.relayed();
await sleep(Number(duration));
const relayed = (await relay.relayed()) - before;
const [watched] = await profiling.end([relay.pid]);
blast.child.kill();
await writeFile(output, JSON.stringify({ relay: watched, relayed }));
process.exit(0);
