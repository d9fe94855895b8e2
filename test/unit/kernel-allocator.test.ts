import { execFileSync } from 'node:child_process';
import t from 'tap';

/** Page faults of a process that takes 24 MiB, writes to all of it and frees it, again and again. */
function faults(before: string): number {
  const program = `
    import koffi from 'koffi';
    import { keepFreed } from './src/kernel/allocator.ts';
    ${before}
    const libc = koffi.load(null);
    const [malloc, memset, free] = ['void *malloc(size_t size)', 'void *memset(void *at, int value, size_t size)', 'void free(void *at)'].map((text) => libc.func(text));
    const round = () => {
      const all = [1, 2, 3].map(() => memset(malloc(8 << 20), 1, 8 << 20));
      for (const one of all) free(one);
    };
    round();
    const { minorPageFault } = process.resourceUsage();
    for (let i = 0; i < 10; i++) round();
    console.log(process.resourceUsage().minorPageFault - minorPageFault);`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const cwd = new URL('../..', import.meta.url);
  return Number(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }));
}

t.test('memory that was freed is kept for the next time', async (t) => {
  const [left, kept] = [faults(''), faults('if (!keepFreed(64 << 20)) throw new Error("not told");')];
  t.ok(left > 10_000, `${left} faults without: 24 MiB are 6144 pages`);
  t.ok(kept < left / 10, `${kept} faults with, ${left} without`);
});
