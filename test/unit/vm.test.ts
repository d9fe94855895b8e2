import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { UnsupportedError } from '../../lab/sandbox/unsupported.ts';
import { whyClosed } from '../../lab/vm/acceleration.ts';
import { cacheFolder } from '../../lab/vm/cache.ts';
import { cpio, FOLDER, PROGRAM } from '../../lab/vm/cpio.ts';
import { initScript, jobScript, quote } from '../../lab/vm/guest.ts';
import { compareVersions, findKernel, loadOrder } from '../../lab/vm/kernels.ts';
import { findQemu, findVirtiofsd } from '../../lab/vm/parts.ts';
import { qemuCommand } from '../../lab/vm/qemu.ts';
import { virtiofsdCommand } from '../../lab/vm/virtiofsd.ts';

const folder = mkdtempSync(join(tmpdir(), 'castlab-vm-test-'));
t.teardown(() => rmSync(folder, { recursive: true }));

/** Puts files into a new root folder. */
function machine(files: Record<string, string>): string {
  const root = mkdtempSync(join(folder, 'root-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o755 });
  }
  return root;
}

const dependencies = (...names: string[]) => names.map((name) => `kernel/${name}.ko.xz:`).join('\n');
const complete = dependencies(
  ...['virtio_pci', 'virtiofs', 'overlay', 'virtio_console', 'veth', 'bridge', 'sch_tbf', 'sch_netem', 'tun'],
);

t.test('the newest kernel with a file to boot and all modules is taken', async (t) => {
  const root = machine({
    'boot/vmlinuz-6.1.0-9': '',
    'lib/modules/6.1.0-9/modules.dep': complete,
    'boot/vmlinuz-6.1.0-10': '',
    'lib/modules/6.1.0-10/modules.dep': complete,
    'lib/modules/6.9.0/modules.dep': complete, // no file to boot
    'lib/modules/7.0.0/vmlinuz': '',
    'lib/modules/7.0.0/modules.dep': dependencies('virtio_pci'),
  });
  t.match(await findKernel(root), { version: '6.1.0-10', image: join(root, 'boot/vmlinuz-6.1.0-10') });
  t.ok(compareVersions('6.1.0-10', '6.1.0-9') > 0);
  t.ok(compareVersions('6.2', '6.12') < 0);
});

t.test('without a kernel that will do, the fault of the newest is told', async (t) => {
  const none = findKernel(machine({}));
  await t.rejects(none, UnsupportedError);
  await t.rejects(none, { exitCode: 77, message: /no kernel is installed/, remedy: /linux-image|install/ });
  const bare = machine({
    'lib/modules/6.1/vmlinuz': '',
    'lib/modules/6.1/modules.dep': complete.replace('sch_netem', 'x').replace('tun.', 'y.'),
  });
  await t.rejects(findKernel(bare), { message: /the kernel 6\.1 has no sch_netem, tun/ });
});

t.test('modules load after those they need, once, and not when the kernel has them', async (t) => {
  const catalogue = {
    dependencies: 'fs/virtiofs.ko: v/virtio_ring.ko v/virtio.ko fs/fuse.ko\nv/virtio.ko:\nv/virtio-pci.ko: v/virtio.ko',
    builtin: 'kernel/fs/overlayfs/overlay.ko\n',
  };
  t.same(loadOrder(['virtio_pci', 'virtiofs', 'overlay'], catalogue), [
    ...['v/virtio.ko', 'v/virtio-pci.ko', 'fs/fuse.ko', 'v/virtio_ring.ko', 'fs/virtiofs.ko'],
  ]);
  t.equal(loadOrder(['virtiofs', 'sch_netem'], catalogue), undefined);
});

t.test('missing programs are named, with the exit code for what a machine lacks', async (t) => {
  t.throws(() => findQemu([folder]), { exitCode: 77, message: /"qemu-system-x86_64" was not found\n {2}to mend it/ });
  t.throws(() => findQemu([folder], 's390x'), { exitCode: 77, message: /made for x86-64/ });
  await t.rejects(findVirtiofsd([folder]), { exitCode: 77, message: /"virtiofsd" was not found\n {2}to mend it/ });
});

t.test('either virtiofsd is known by its help and gets the options it takes', async (t) => {
  const rust = machine({ virtiofsd: '#!/bin/sh\necho "--shared-dir --readonly"\n' });
  const c = machine({ virtiofsd: '#!/bin/sh\necho "-o source=PATH"\n' });
  const share = { folder: '/runs', socket: '/s', readOnly: false };
  const inRust = await findVirtiofsd([rust]);
  t.match(inRust, { flavour: 'rust', canBeReadOnly: true });
  t.same(virtiofsdCommand(inRust, share, false), {
    within: [],
    command: [inRust.program, '--shared-dir=/runs', '--socket-path=/s', '--cache=auto', '--sandbox=none'],
  });
  t.match(virtiofsdCommand(inRust, { ...share, readOnly: true }, true).command.slice(3), [
    ...['--cache=always', '--sandbox=chroot', '--readonly'],
  ]);
  const inC = await findVirtiofsd([c]);
  t.match(inC, { flavour: 'c', canBeReadOnly: false });
  t.ok(virtiofsdCommand(inC, share, false).within.includes('--map-root-user'));
  const asRoot = virtiofsdCommand(inC, share, true);
  t.notOk(asRoot.within.includes('--user'));
  t.ok(asRoot.command.includes('source=/runs'));
});

t.test('the cpio archive has each file where the kernel looks for it', async (t) => {
  const archive = cpio([
    { path: 'bin', mode: FOLDER },
    { path: 'bin/a', mode: PROGRAM, data: Buffer.from('hello') },
    { path: 'bin/empty', mode: PROGRAM },
  ]);
  t.equal(archive.length % 4, 0);
  // By hand, after the kernel's buffer-format: 110 bytes of header, name, padding, contents, padding.
  const at = archive.indexOf('bin/a\0');
  t.equal(archive.toString('latin1', at - 110, at - 104), '070701');
  t.equal(Number.parseInt(archive.toString('latin1', at - 110 + 14, at - 110 + 22), 16), PROGRAM);
  t.equal(Number.parseInt(archive.toString('latin1', at - 110 + 54, at - 110 + 62), 16), 5);
  t.equal(archive.toString('latin1', at + 6, at + 11), 'hello');
  t.match(archive.toString('latin1'), 'TRAILER!!!');
});

t.test('the scripts of the guest are shell, and pass every word on as it is', async (t) => {
  const command = ['printf', '%s|', "it's", 'a "b" $HOME `c`\n', '', '\\'];
  const job = { command, folder: "/a b'c", environment: { A: "x 'y'", 'B-C': 'left out' }, share: '/r s' };
  for (const terminal of [undefined, { columns: 80, rows: 24 }]) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: jobScript({ ...job, terminal }), encoding: 'utf8' });
    t.equal(status, 0, stderr);
  }
  t.equal(spawnSync('sh', ['-n'], { input: initScript }).status, 0);
  const { stdout } = spawnSync('sh', ['-c', command.map(quote).join(' ')], { encoding: 'utf8' });
  t.equal(stdout, `${command.slice(2).join('|')}|`);
  t.notMatch(jobScript({ ...job, terminal: undefined }), 'left out');
});

t.test('QEMU is told of kernel, memory, shares and processors', async (t) => {
  const line = (accelerator: 'kvm' | 'tcg') =>
    qemuCommand({
      qemu: 'qemu',
      kernel: { version: '6', image: '/boot/vmlinuz-6', modules: '' },
      initramfs: '/i',
      accelerator,
      memory: 512,
      cpus: 3,
      parameters: { castlab_job: '/tmp/a b' },
      shares: { 'castlab-root': '/tmp/a,b' },
      terminal: false,
    }).join(' ');
  t.match(line('tcg'), /-accel tcg,thread=multi -cpu max -smp 3 -m 512M .*size=512M,share=on/);
  t.match(line('kvm'), '-accel kvm -cpu host');
  t.match(line('tcg'), 'socket,id=castlab-root,path=/tmp/a,,b');
  t.match(
    line('tcg'),
    '-kernel /boot/vmlinuz-6 -initrd /i -append quiet console="ttyS0" panic="-1" castlab_job="/tmp/a b"',
  );
  t.notMatch(line('tcg'), 'virtconsole');
});

t.test('the cache folder and the device of KVM', async (t) => {
  t.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }), '/c/castlab');
  t.match(cacheFolder({ XDG_CACHE_HOME: 'relative' }), /\/\.cache\/castlab$/);
  t.equal(whyClosed('/dev/null'), undefined);
  t.equal(whyClosed('/dev/no-such'), 'there is no /dev/no-such');
});
