import t from 'tap';
import { installCommand, parseDistribution } from '../../lab/sandbox/packages.ts';

t.test('a distribution is known by itself or by what it is like', async (t) => {
  const families: [string, string | undefined][] = [
    ['ID=debian', 'debian'],
    ['ID=ubuntu\nID_LIKE=debian', 'ubuntu'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"', 'ubuntu'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'fedora'],
    ['ID=manjaro\nID_LIKE=arch', 'arch'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', 'suse'],
    ['ID=plan9', undefined],
    ['', undefined],
  ];
  for (const [text, family] of families) t.equal(parseDistribution(text).family, family, text);
});

t.test('the command has the package names of the family and the release', async (t) => {
  const command = (osRelease: string) => installCommand(['qemu', 'virtiofsd'], parseDistribution(osRelease));
  t.equal(command('ID=debian\nVERSION_ID="12"'), 'sudo apt-get install qemu-system-x86 qemu-system-common');
  t.equal(command('ID=debian\nVERSION_ID="13"'), 'sudo apt-get install qemu-system-x86 virtiofsd');
  t.equal(command('ID=ubuntu\nVERSION_ID="22.04"'), 'sudo apt-get install qemu-system-x86 qemu-system-common');
  t.equal(command('ID=fedora\nVERSION_ID=42'), 'sudo dnf install qemu-system-x86-core virtiofsd');
  t.equal(command('ID=arch'), 'sudo pacman -S qemu-system-x86 virtiofsd');
  t.equal(command('ID=opensuse-leap\nID_LIKE=suse\nVERSION_ID="15.6"'), 'sudo zypper install qemu-x86 virtiofsd');
  t.equal(command('ID=plan9'), 'install qemu, virtiofsd as this distribution does');
  // A number of another distribution is not one of Debian's.
  t.equal(command('ID=kali\nID_LIKE=debian\nVERSION_ID="9"'), 'sudo apt-get install qemu-system-x86 virtiofsd');
});
