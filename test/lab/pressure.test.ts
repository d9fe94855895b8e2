/** MRouters under pressure: links that take less than is sent, receivers that do not read, interfaces that go down. */
import t from 'tap';
import { startProgram } from './fixtures/programs.ts';

interface Pressed {
  what: string;
  sent: number;
  arrived: number;
  drops: Record<'i1' | 't1', Record<string, number>>;
  /** Seconds of processor time in a second in which there was nothing to do. */
  idle: number;
  /** Of 50 datagrams afterwards, and whatever was still under way. */
  next: number;
}

for (const sockets of ['dgram', 'kernel']) {
  t.test(`sockets: ${sockets}`, async (t) => {
    const { code, lines, stderr } = await startProgram('pressed.ts', [], [sockets]).result();
    t.equal(code, 0, stderr);
    const [flood, deaf, down, end] = lines as [Pressed, Pressed, Pressed, { running: boolean }];
    for (const { what, sent, arrived, idle, next } of [flood, deaf, down]) {
      t.ok(arrived > 0 && arrived <= sent, `${what}: ${arrived} of ${sent} arrived`);
      t.ok(next >= 50, `and all that follows: ${next}`);
      t.ok(idle < 0.5, `nobody is busy with it: ${idle.toFixed(2)} s`);
    }
    t.ok(flood.arrived < flood.sent, 'more than the link takes');
    t.ok(deaf.drops.t1['receive-queue-full']! > 0, `what could not wait is counted: ${JSON.stringify(deaf.drops)}`);
    t.ok(down.drops.i1['send-error']! > 0, `what could not leave is counted: ${JSON.stringify(down.drops)}`);
    t.ok(end.running);
  });
}
