/** kill -9 of the CLI, of the sandbox's init, of any node, at random moments: nothing is left, and the next run works. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { castlab, start, temporaryFolder, topologyFile } from './castlab.ts';

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
const link = (path: string) => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Processes of the run that writes below `out`: it stands in the command line of each, or in that of a config file. */
const processesOf = (out: string) => pids().filter((pid) => read(`/proc/${pid}/cmdline`).includes(out));

/** What a run could leave on the machine. */
function machine() {
  return {
    interfaces: readdirSync('/sys/class/net').sort(),
    named: (() => {
      try {
        return readdirSync('/run/netns').sort();
      } catch {
        return [];
      }
    })(),
    mounts: read('/proc/self/mounts'),
  };
}

/** When a process began, in clock ticks since boot: a number alone may belong to another process later. */
const startOf = (pid: string) => read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? '';

/** Namespaces that a set of processes live in and this one does not. */
function foreignNamespaces(processes: string[]): Set<string> {
  const found = new Set<string>();
  for (const pid of processes) {
    for (const kind of ['net', 'mnt', 'pid']) {
      const name = link(`/proc/${pid}/ns/${kind}`);
      if (name !== '' && name !== link(`/proc/self/ns/${kind}`)) found.add(name);
    }
  }
  return found;
}

/** The next pseudo-random number from 0 to 1: random moments, but the same ones each time the test runs. */
let state = 20261121;
function random(): number {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state / 0x7fffffff;
}

const victims = {
  'the command': (out: string) =>
    processesOf(out).find((pid) => !isInside(pid) && read(`/proc/${pid}/cmdline`).includes('\0run\0')),
  "the sandbox's init": (out: string) =>
    processesOf(out).find((pid) => /^NSpid:.*\t1$/m.test(read(`/proc/${pid}/status`))),
  'a node': (out: string) => {
    const nodes = processesOf(out).filter(
      (pid) => isInside(pid) && !/^NSpid:.*\t1$/m.test(read(`/proc/${pid}/status`)),
    );
    return nodes[Math.floor(random() * nodes.length)];
  },
};
const isInside = (pid: string) => link(`/proc/${pid}/ns/pid`) !== link('/proc/self/ns/pid');

for (const [what, find] of Object.entries(victims)) {
  t.test(`kill -9 of ${what} at ten random moments`, async (t) => {
    const before = machine();
    const file = topologyFile(t);
    for (let turn = 0; turn < 10; turn++) {
      const out = temporaryFolder(t);
      const { ended } = start(['run', file, '--out', out]);
      const spaces = new Set<string>();
      let over = false;
      void ended.then(() => {
        over = true;
      });
      // A node exists only once the fabric is up: look until the victim is there, then let it live for a random while.
      while (!over && find(out) === undefined) await sleep(5);
      await sleep(random() * 900);
      const victim = find(out);
      for (const space of foreignNamespaces(processesOf(out))) spaces.add(space);
      const present = new Map(pids().map((pid) => [pid, startOf(pid)]));
      if (!over && victim !== undefined) {
        try {
          process.kill(Number(victim), 'SIGKILL');
        } catch {
          // It had just ended by itself.
        }
      }
      const { code, signal } = await ended;
      t.ok(over || code !== 0 || signal !== null, 'it does not pretend to have passed');
      // The kernel takes a moment to end what PID 1 leaves: wait for it, but not for ever.
      // The kernel gives the number of a namespace that is gone to a new one: only who lived before the kill can keep one of the run's.
      const namespacesLeft = () => {
        const kept = foreignNamespaces(pids().filter((pid) => present.get(pid) === startOf(pid)));
        return [...spaces].filter((space) => kept.has(space));
      };
      for (let wait = 0; wait < 300 && processesOf(out).length + namespacesLeft().length > 0; wait++) await sleep(10);
      t.same(processesOf(out), [], 'no process');
      t.same(namespacesLeft(), [], 'no namespace');
    }
    t.same(machine(), before, 'no interface, no name, no mount');
    const out = temporaryFolder(t);
    const next = await castlab('run', file, '--out', out);
    t.equal(next.code, 0, `the next run works: ${next.stdout}${next.stderr}`);
  });
}
