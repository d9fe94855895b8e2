import t from 'tap';
import { diagnose } from '../../lab/sandbox/diagnose.ts';

const refused = 'unshare: unshare failed: Operation not permitted\n';

t.test('a setting that forbids user namespaces is named, with the command that changes it', async (t) => {
  const cases: [Record<string, string>, RegExp, string][] = [
    [{ 'user/max_user_namespaces': '0' }, /switched off/, 'sudo sysctl -w user.max_user_namespaces=15000'],
    [{ 'kernel/unprivileged_userns_clone': '0' }, /for root only/, 'sudo sysctl -w kernel.unprivileged_userns_clone=1'],
    [
      { 'user/max_user_namespaces': '9', 'kernel/apparmor_restrict_unprivileged_userns': '1' },
      /AppArmor restricts/,
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ],
  ];
  for (const [settings, reason, remedy] of cases) {
    const error = diagnose({ output: refused, rootless: true, settings });
    t.match(error.message, reason);
    t.match(error.message, '[unshare: unshare failed: Operation not permitted]');
    t.equal(error.remedy, remedy);
    t.equal(error.exitCode, 77);
  }
});

t.test('settings are not blamed when no user namespace was asked for', async (t) => {
  const error = diagnose({ output: refused, rootless: false, settings: { 'user/max_user_namespaces': '0' } });
  t.match(error.message, /seccomp/);
});

t.test('without a setting to blame, what unshare said decides', async (t) => {
  const with_ = (output: string) => diagnose({ output, rootless: true, settings: { 'user/max_user_namespaces': '9' } });
  t.match(with_('unshare: mount /proc failed: Operation not permitted').message, /fresh \/proc/);
  t.match(with_('unshare: unshare failed: No space left on device').message, /limit on namespaces/);
  t.match(with_(refused).remedy, /seccomp=unconfined/);
  t.match(with_('unshare: unrecognized option').message, /unshare failed \[unshare: unrecognized option\]$/);
  t.match(with_('').message, /without a word/);
});
