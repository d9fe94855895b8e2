import { InputError } from '../document/index.ts';
import type { ClusterMap } from '../overlay/index.ts';
import { type Membership, type ReplicastSettings, settingsSchema } from '../replicast/index.ts';
import { type ChunkStore, LmdbStore, type SetAside } from '../store/index.ts';
import type { NodeConfig } from './config.ts';
import type { MRouter } from './overlay-node.ts';
import { ReplicastNode } from './replicast-node.ts';

/**
 * Puts Replicast on top of an MRouter, as its configuration says: a target with its store, or an initiator.
 * @throws InputError when a setting is wrong or the store cannot be opened
 */
export function openReplicast(mrouter: MRouter): ReplicastNode {
  const { config, events } = mrouter;
  const settings = readSettings(config);
  return new ReplicastNode({
    name: mrouter.name,
    socket: mrouter,
    membership: membershipOf(mrouter),
    settings,
    store: config.values.role === 'target' ? openStore(config, settings) : undefined,
    emit: (event, fields, of) => events.emit(event, fields, undefined, of),
    told: () => events.written(),
  });
}

/** The `replicast` section of a configuration. @throws InputError with one problem for each wrong setting */
export function readSettings(config: NodeConfig): ReplicastSettings {
  const result = settingsSchema.safeParse(config.values.replicast ?? {});
  if (result.success) return result.data;
  throw new InputError(
    result.error.issues.flatMap((issue) => {
      const path = ['replicast', ...issue.path];
      if (issue.code !== 'unrecognized_keys') return config.error(path, issue.message).problems;
      return issue.keys.flatMap((key) => config.error([...path, key], 'there is no such setting').problems);
    }),
  );
}

function openStore(config: NodeConfig, { storeLimit }: ReplicastSettings): ChunkStore {
  const path = config.values.store;
  if (path === undefined) throw config.error([], 'a target needs "store", the folder of its chunks');
  try {
    return new LmdbStore({ path, ...(storeLimit !== undefined && { limit: storeLimit }), setAside });
  } catch (error) {
    throw config.error(['store'], (error as Error).message);
  }
}

/** Only a target that is chosen for a chunk needs foreign function calls for this. */
const setAside: SetAside = async (...blocks) => {
  const kernel = await import('../kernel/blocks.ts').catch(() => undefined);
  return (await kernel?.setBlocksAside(...blocks)) ?? false;
};

/** What Replicast has to know of the cluster map that is in force, which a reload may change. */
function membershipOf(mrouter: MRouter): Membership {
  let known: ClusterMap | undefined;
  let members = new Map<string, readonly string[]>();
  let partitions: string[] = [];
  let vias: { from: string; to: string; via: string }[] = [];
  const refresh = () => {
    if (known === mrouter.map) return;
    known = mrouter.map;
    members = new Map(known.groups.map((group) => [group.name, group.members.map(({ name }) => name)]));
    vias = known.vias.map(({ from, to, via }) => ({ from: from.name, to: to.name, via: via.name }));
    partitions = known.partitions.map(({ name }) => name);
  };
  return {
    members(group) {
      refresh();
      return members.get(group);
    },
    get partitions() {
      refresh();
      return partitions;
    },
    zones: {
      own: mrouter.config.values.zone,
      of: (target) => mrouter.map.targetByName.get(target)?.zone.name ?? '',
      isNative: (zone) => mrouter.map.zoneByName.get(zone)?.native === true,
      get relay() {
        return mrouter.map.relay;
      },
      get vias() {
        refresh();
        return vias;
      },
    },
    targetAt: (address) => mrouter.map.targetByAddress.get(address)?.name,
  };
}
