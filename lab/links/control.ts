import { monotonicNow } from '../../src/kernel/index.ts';
import type { LinkChanged } from '../observe/evidence.ts';
import { type Batch, type LinkEnd, type Plan, type PlannedLink, shapingLines } from '../plan/index.ts';
import { runBatches } from '../sandbox/batches.ts';
import { whenCarrying } from '../sandbox/carrier.ts';
import type { LinkChange, LinkProperties } from '../topology/index.ts';
import { changeProperties } from '../topology/properties.ts';

/** Changes links while a lab runs. Changes are made one after the other, in the order in which they are asked for. */
export interface LinkControl {
  /** Changes what a direction (`a>b`) does; what the change does not name stays as it is. @throws RangeError when there is no such direction. */
  impair(direction: string, change: LinkChange): Promise<void>;
  /** Takes a link (`a--b`) down at both ends; one that is down already stays down. @throws RangeError when there is no such link. */
  down(link: string): Promise<void>;
  /** Brings a link up again, with the routes and neighbours that the kernel forgot with it. @throws RangeError when there is no such link. */
  up(link: string): Promise<void>;
  isDown(link: string): boolean;
  /** What was changed by `impair`, in the order of time; grows. */
  readonly changes: readonly LinkChanged[];
}

/** What control needs of the wires of a lab. */
export interface WireChanges {
  change(direction: string, change: LinkChange): Promise<void>;
}

/** One direction: the end that its frames leave by. */
interface Direction {
  link: PlannedLink;
  end: LinkEnd;
  properties: LinkProperties;
}

/**
 * Control over the links of a network that stands, by `ip` and `tc` in the namespaces of their ends, and by its wires.
 * @param effects for tests; what else runs batches of lines, and waits for ends that were set up
 */
export function linkControl(
  plan: Plan,
  wires?: WireChanges,
  { run, carrying }: { run: typeof runBatches; carrying: typeof whenCarrying } = {
    run: runBatches,
    carrying: whenCarrying,
  },
): LinkControl {
  const links = new Map(plan.links.map((link) => [link.name, link]));
  const directions = new Map<string, Direction>();
  for (const link of plan.links) {
    const { a, b, forward, backward } = link;
    directions.set(`${a.node}>${b.node}`, { link, end: a, properties: forward });
    directions.set(`${b.node}>${a.node}`, { link, end: b, properties: backward });
  }
  const down = new Set<string>();
  const changes: LinkChanged[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (action: () => Promise<void>): Promise<void> => {
    const done = last.then(action);
    last = done.catch(() => {});
    return done;
  };
  const find = <T>(known: ReadonlyMap<string, T>, name: string): T => {
    const found = known.get(name);
    if (found === undefined) throw new RangeError(`there is no link ${name}`);
    return found;
  };
  const set = (link: PlannedLink, state: 'up' | 'down'): Batch[] =>
    [link.a, link.b].map((end) => ({
      namespace: end.node,
      tool: 'ip',
      lines: [`link set dev ${end.interface} ${state}`],
    }));
  return {
    impair: (name, change) =>
      inTurn(async () => {
        const direction = find(directions, name);
        const { link, end, properties } = direction;
        const after = changeProperties(properties, change);
        if (link.backend === 'wire') {
          if (!wires) throw new Error(`${link.name} is a wire, and no wires run`);
          await wires.change(name, change);
        } else {
          const lines = shapingLines(end.interface, properties, after, link.backend);
          if (lines.length > 0) await run([{ namespace: end.node, tool: 'tc', lines }]);
        }
        direction.properties = after;
        changes.push({ at: monotonicNow(), direction: name, properties: after });
      }),
    down: (name) =>
      inTurn(async () => {
        const link = find(links, name);
        if (down.has(name)) return;
        await run(set(link, 'down'));
        down.add(name);
      }),
    up: (name) =>
      inTurn(async () => {
        const link = find(links, name);
        if (!down.has(name)) return;
        await run(
          set(link, 'up').map((batch, side) => ({
            ...batch,
            // The other end may still be down: routes and neighbours may be set all the same, and work once it is up.
            lines: [...batch.lines, ...restore(plan, side === 0 ? link.a : link.b).lines],
          })),
        );
        await carrying([link.a, link.b]);
        down.delete(name);
      }),
    isDown: (name) => down.has(name),
    changes,
  };
}

/** The lines of the plan that the kernel forgot when an interface went down: its routes and its neighbours. Pure. */
export function restore({ namespaces, batches }: Plan, { node, interface: name }: LinkEnd): Batch {
  // A host has no other interface, and its default route does not name it.
  const isHost = namespaces.some((namespace) => namespace.name === node && namespace.kind === 'host');
  const lines = batches
    .filter((batch) => batch.namespace === node && batch.tool === 'ip')
    .flatMap((batch) => batch.lines)
    .filter((line) => /^(route|neigh) /.test(line) && (isHost || line.split(' ').at(-1) === name))
    .map((line) => line.replace(/^route add /, 'route replace '));
  return { namespace: node, tool: 'ip', lines };
}
