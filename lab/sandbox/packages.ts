import { readFileSync } from 'node:fs';

/** Distributions that share package names and the command that installs them. */
export type Family = 'debian' | 'ubuntu' | 'fedora' | 'arch' | 'suse';

/** What of /etc/os-release decides how a package is called here. */
export interface Distribution {
  /** `undefined`: none of those known. */
  family: Family | undefined;
  /** As people call it. */
  name: string;
  /** The first number of the version; `undefined` where releases are not numbered. */
  release: number | undefined;
}

/** What the lab asks for that comes in packages. */
export type Need =
  | 'iproute2'
  | 'util-linux'
  | 'kmod'
  | 'coreutils'
  | 'qemu'
  | 'virtiofsd'
  | 'kernel'
  | 'modules'
  | 'tcpdump';

const FAMILIES: readonly Family[] = ['ubuntu', 'debian', 'fedora', 'arch', 'suse'];

/** `undefined`: it is in a package that every installation has. */
const PACKAGES: Record<Family, Partial<Record<Need, string | ((release: number | undefined) => string)>>> = {
  debian: {
    // Until Debian 12 QEMU's own virtiofsd, since then the one in Rust.
    virtiofsd: (release) => (release !== undefined && release <= 12 ? 'qemu-system-common' : 'virtiofsd'),
    qemu: 'qemu-system-x86',
    kernel: 'linux-image-cloud-amd64',
    modules: 'linux-image-amd64',
  },
  ubuntu: {
    virtiofsd: (release) => (release !== undefined && release <= 22 ? 'qemu-system-common' : 'virtiofsd'),
    qemu: 'qemu-system-x86',
    kernel: 'linux-image-generic',
    modules: 'linux-modules-extra-$(uname -r)',
  },
  fedora: {
    // tc is a package of its own there.
    iproute2: 'iproute iproute-tc',
    qemu: 'qemu-system-x86-core',
    kernel: 'kernel-core kernel-modules-extra',
    modules: 'kernel-modules-extra',
  },
  arch: { qemu: 'qemu-system-x86', kernel: 'linux', modules: 'linux' },
  suse: { qemu: 'qemu-x86', kernel: 'kernel-default', modules: 'kernel-default' },
};

const INSTALL: Record<Family, string> = {
  debian: 'apt-get install',
  ubuntu: 'apt-get install',
  fedora: 'dnf install',
  arch: 'pacman -S',
  suse: 'zypper install',
};

/** Reads what /etc/os-release says (os-release(5)). Pure. */
export function parseDistribution(osRelease: string): Distribution {
  const field = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  const names = [field('ID'), ...field('ID_LIKE').split(' ')].map((name) => (/suse/.test(name) ? 'suse' : name));
  const release = Number.parseInt(field('VERSION_ID'), 10);
  const family = names
    .map((name) => (name === 'rhel' || name === 'centos' ? 'fedora' : name))
    .find((name): name is Family => FAMILIES.includes(name as Family));
  return {
    family,
    name: field('PRETTY_NAME') || 'an unknown distribution',
    // Of a distribution that is only like another one, the number means something else.
    release: Number.isNaN(release) || family !== field('ID') ? undefined : release,
  };
}

/** The distribution that this program runs on. */
export function thisDistribution(): Distribution {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return parseDistribution(readFileSync(file, 'utf8'));
    } catch {
      // The second one is the place of the original, where the first is missing.
    }
  }
  return parseDistribution('');
}

/** The command that installs what is needed, in the words of the distribution. */
export function installCommand(needs: readonly Need[], distribution: Distribution = thisDistribution()): string {
  const { family, release } = distribution;
  if (family === undefined) return `install ${needs.join(', ')} as this distribution does`;
  const packages = needs.map((need) => {
    const name = PACKAGES[family][need] ?? need;
    return typeof name === 'string' ? name : name(release);
  });
  return `sudo ${INSTALL[family]} ${[...new Set(packages)].join(' ')}`;
}
