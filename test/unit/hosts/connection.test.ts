import assert from 'node:assert/strict';
import { ConnectError, type ConnectErrorKind, type Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { Emitter } from '../../../src/supervisor/base/event.ts';
import { toDisposable } from '../../../src/supervisor/base/disposable.ts';
import { Connection } from '../../../src/supervisor/hosts/connection.ts';

/** A connection whose shell and clock do what the test says. */
function scripted(outcomes: (ConnectErrorKind | 'ok')[]) {
  const closed = new Emitter<ConnectError>();
  const timers: { delayMs: number; run: () => void }[] = [];
  const told: string[] = [];
  let nowMs = 0;
  let downs = 0;
  const shell: Pick<Shell, 'connect' | 'onDidClose'> = {
    connect: async () => {
      const outcome = outcomes.shift() ?? 'ok';
      await Promise.resolve();
      if (outcome !== 'ok') throw new ConnectError(outcome, `box: ${outcome}\nsecond line`);
    },
    onDidClose: closed.event,
  };
  const after = (delayMs: number, run: () => void) => {
    const timer = { delayMs, run };
    timers.push(timer);
    return toDisposable(() => void timers.splice(timers.indexOf(timer) >>> 0, 1));
  };
  const connection = new Connection({
    shell: shell as Shell,
    clock: { nowMs: () => nowMs, isoNow: () => '', after, every: () => toDisposable(() => undefined) },
    random: () => 1,
    up: () => { told.push('up'); return Promise.resolve(); },
    down: () => { downs += 1; },
    tell: (link, error) => { told.push(error === null ? link : `${link}: ${error}`); },
  });
  const settle = () => new Promise((resolve) => { setImmediate(resolve); });
  return {
    connection, told, timers, settle, lose: () => { closed.fire(new ConnectError('lost', 'gone')); },
    downs: () => downs,
    pass: (ms: number) => { nowMs += ms; },
    async fire() {
      timers.shift()?.run();
      await settle();
    },
  };
}

describe('connection of a host', () => {
  it('DISC-7 tries again with growing delays, and starts anew after a connection that held', async () => {
    const c = scripted(['unreachable', 'unreachable', 'unreachable', 'ok', 'unreachable']);
    c.connection.connectNow();
    await c.settle();
    const delays: (number | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      delays.push(c.timers[0]?.delayMs);
      await c.fire();
    }
    assert.deepEqual(delays, [500, 1000, 2000]);
    assert.equal(c.told.at(-1), 'up');
    c.pass(60_000);
    c.lose();
    assert.equal(c.timers[0]?.delayMs, 500);
    assert.equal(c.told.at(-1), 'offline: gone');
  });

  it('DISC-7 a link that breaks as soon as it is up does not spin', async () => {
    const c = scripted([]);
    c.connection.connectNow();
    await c.settle();
    const delays: (number | undefined)[] = [];
    for (let round = 0; round < 4; round += 1) {
      c.lose();
      delays.push(c.timers[0]?.delayMs);
      await c.fire();
    }
    assert.deepEqual(delays, [500, 1000, 2000, 4000]);
  });

  it('DISC-7 connects at once on demand, and only once', async () => {
    const c = scripted(['unreachable', 'ok']);
    c.connection.connectNow();
    await c.settle();
    c.connection.connectNow();
    c.connection.connectNow();
    await c.settle();
    assert.deepEqual(c.told, ['connecting', 'offline: box: unreachable second line', 'connecting', 'up']);
    assert.equal(c.timers.length, 0);
  });

  it('DISC-12 what needs a person is told so and is not tried over and over', async () => {
    for (const kind of ['needs-login', 'host-key'] satisfies ConnectErrorKind[]) {
      const c = scripted([kind]);
      c.connection.connectNow();
      await c.settle();
      assert.match(c.told.at(-1) ?? '', /^needs-login: /);
      assert.ok((c.timers[0]?.delayMs ?? 0) >= 60_000);
    }
  });

  it('DISC-7 nothing happens after dispose', async () => {
    const c = scripted(['unreachable']);
    c.connection.connectNow();
    await c.settle();
    c.connection.dispose();
    c.connection.connectNow();
    c.lose();
    await c.settle();
    assert.equal(c.timers.length, 0);
    assert.equal(c.told.length, 2);
    assert.equal(c.downs(), 1);
  });
});
