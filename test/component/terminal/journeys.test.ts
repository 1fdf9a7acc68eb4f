import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../support/until.ts';
import type { Person } from './person.ts';
import { openWorld, type World } from './world.ts';

const ctl = { F1: 'next-host', 'Shift-F1': 'previous-host', F2: 'next-session', 'Shift-F2': 'previous-session', F3: 'toggle-focus', F5: 'toggle-wake' } as const;
type Key = keyof typeof ctl;

for (const [kind, columns, rows] of [['local', 80, 24], ['ssh', 220, 60]] as const) {
  describe(`the terminal over ${kind} hosts at ${columns}x${rows}`, function () {
    this.timeout(90_000);
    let world: World;
    let person: Person;
    before(async () => {
      world = await openWorld(kind);
      person = await world.person(columns, rows, 'up');
      await person.shows('REMOTE alpha one', 'STAND-IN beside alpha/$0', '>> agent alpha <<');
      await until(async () => (await world.remote('gamma', 'list-sessions')).includes('cockpit-main'), { what: 'DISC-4 cockpit-main', timeoutMs: 20_000 });
    });
    after(async () => {
      await world.close();
    });

    const both: [string, (key: Key) => Promise<unknown>][] = [['key', (key) => person.press(key)], ['ctl', (key) => world.cockpit.must('ctl', ctl[key])]];

    for (const [way, act] of both) {
      it(`KEY-1 KEY-2 OWN-6 CTL-1 by ${way}: sessions and hosts wrap, the focus stays, and the claim moves along`, async () => {
        await world.claims();
        await act('F3');
        await person.shows('>> remote alpha <<', 'you write');
        await world.claims('alpha/one');
        const steps: [Key, string, string, string][] = [
          ['F2', 'alpha/two', 'REMOTE alpha two', 'alpha/$1'],
          ['F2', 'alpha/one', 'REMOTE alpha one', 'alpha/$0'],
          ['Shift-F2', 'alpha/two', 'REMOTE alpha two', 'alpha/$1'],
          ['F1', 'beta/one', 'REMOTE beta one', 'beta/$0'],
          ['F2', 'beta/one', 'REMOTE beta one', 'beta/$0'],
          ['F1', 'gamma/main', '[gamma', 'gamma/$0'],
          ['F1', 'alpha/two', 'REMOTE alpha two', 'alpha/$1'],
          ['Shift-F1', 'gamma/main', '[gamma', 'gamma/$0'],
          ['F1', 'alpha/two', 'REMOTE alpha two', 'alpha/$1'],
          ['Shift-F2', 'alpha/one', 'REMOTE alpha one', 'alpha/$0'],
        ];
        for (const [key, claimed, above, below] of steps) {
          await act(key);
          await person.shows(above, `STAND-IN beside ${below}`, `>> remote ${claimed.split('/')[0] ?? ''} <<`, 'you write');
          await world.claims(claimed);
        }
        await act('F3');
        await person.shows('>> agent alpha <<', 'agent writes');
        await world.claims();
        await act('F1');
        await person.shows('>> agent beta <<');
        await act('Shift-F1');
        await person.shows('>> agent alpha <<');
        await world.claims();
      });
    }

    it('WAKE-2 KEY-1 F5 shows Wake off in red, for this host, and over a restart', async () => {
      await person.shows('Wake remote');
      await person.press('F5');
      await person.shows('Wake off');
      // eslint-disable-next-line no-control-regex -- a colour is an escape sequence
      assert.match(await person.screen({ styles: true }), /\u001b\[(\d+;)*31m(\u001b\[1m)?Wake off|\u001b\[1m\u001b\[31mWake off/);
      await person.press('F1');
      await person.shows('[beta', 'Wake remote');
      await person.press('Shift-F1');
      await person.shows('[alpha', 'Wake off');
      await world.cockpit.killSupervisor();
      await world.cockpit.must('up', '--no-attach');
      assert.deepEqual((await world.cockpit.status()).hosts.map(({ wake }) => wake), [false, true, true]);
      await person.shows('Wake off');
      await world.cockpit.must('ctl', 'toggle-wake');
      await person.shows('Wake remote');
    });

    it('OWN-6 KEY-2 a session that returns to an empty host is claimed in remote focus, and is the agent\'s in agent focus', async () => {
      await world.remote('beta', 'kill-server');
      await person.press('F1');
      await person.shows('beta has no cockpit- session', 'No agent', 'no sessions', '>> agent beta <<');
      if (world.isSsh) {
        await until(async () => (await world.remote('beta', 'list-sessions')).includes('cockpit-main'), { what: 'DISC-4 cockpit-main again, in agent focus', timeoutMs: 20_000 });
        await person.press('F3');
        await world.claims('beta/main');
        await world.remote('beta', 'kill-server');
        await person.shows('beta has no cockpit- session');
      } else {
        await person.press('F3');
      }
      await person.shows('>> remote beta <<', 'no sessions');
      await world.session('beta', 'back');
      await world.session('beta', 'later');
      await person.shows('REMOTE beta back', 'you write');
      await world.claims('beta/back');
      await world.remote('beta', 'kill-session', '-t', '=cockpit-back');
      await person.shows('REMOTE beta later', 'you write');
      await world.claims('beta/later');
      await world.remote('beta', 'kill-server');
      await person.shows('beta has no cockpit- session');
      await person.press('F3');
      await person.shows('>> agent beta <<');
      if (!world.isSsh) await world.session('beta', 'one');
      await person.shows('agent writes', 'STAND-IN beside beta/$0');
      await world.claims();
      await person.press('Shift-F1');
      await person.shows('>> agent alpha <<');
    });

    it('OWN-6 a click into a half moves the focus and the claim, and one on a host keeps the half', async () => {
      await person.click(10, 3);
      await person.shows('>> remote alpha <<', 'you write');
      await world.claims('alpha/one');
      await person.click(((await person.rows())[rows - 1]?.indexOf('gamma') ?? 0) + 2, rows);
      await person.shows('>> remote gamma <<');
      await world.claims('gamma/main');
      await person.press('F1');
      await world.claims('alpha/one');
      await person.click(10, rows - 3);
      await person.shows('>> agent alpha <<', 'agent writes');
      await world.claims();
    });

    it('OWN-6 PAIR-4 what is typed reaches the remote in order and unchanged', async () => {
      const log = join(world.cockpit.dir, 'typed');
      const id = await world.session('alpha', 'raw', `stty raw -echo; echo READY; exec cat > '${log}'`);
      await world.cockpit.must('open', `alpha/${id}`, '--focus', 'remote');
      await person.shows('REMOTE alpha raw', 'READY', 'you write', '>> remote alpha <<');
      // Key by key, and without C-b, which is the prefix of the remote tmux.
      const typed = ['echo "a;b" #{pid} $HOME\r', 'äöü €\t漢字 ', '\u0001\u0003\u0004\u001a\u001c\u007f', '\u001b[A\u001b[1;5C\u001b[Z\u001bx', `${'0123456789'.repeat(60)}\r`];
      // eslint-disable-next-line no-control-regex -- escape sequences are what is typed
      for (const text of typed) for (const key of text.match(/\u001b(\[[0-9;]*[A-Za-z]|x)|./gsu) ?? []) await person.type(key);
      await until(async () => (await readFile(log, 'utf8')).length >= typed.join('').length, { timeoutMs: 20_000 }).catch(() => undefined); // what is missing is told by the next line
      assert.equal(await readFile(log, 'utf8'), typed.join(''));
      await world.remote('alpha', 'kill-session', '-t', id);
      await world.cockpit.must('open', 'alpha/one', '--focus', 'agent');
      await person.shows('REMOTE alpha one', '>> agent alpha <<');
    });

    it('PAIR-4 the wheel scrolls the remote though its tmux has no mouse, ends at the bottom, and types nothing', async () => {
      const log = join(world.cockpit.dir, 'wheeled');
      const id = await world.session('alpha', 'long', `stty raw -echo; seq 1 300 | sed 's/.*/row&,\\r/'; exec cat > '${log}'`);
      await world.cockpit.must('open', `alpha/${id}`, '--focus', 'agent');
      await person.shows('row300,');
      assert.equal(await world.remote('alpha', 'show-options', '-Av', '-t', id, 'mouse'), 'off');
      for (let n = 0; n < 5; n += 1) await person.mouse(64, 10, 4);
      await until(async () => !(await person.screen()).includes('row300,'), { what: 'it scrolled' });
      await until(async () => (await world.remote('alpha', 'display-message', '-p', '-t', `${id}:`, '#{scroll_position}')) === '15', { what: '5 turns of 3 lines' });
      for (let n = 0; n < 6; n += 1) await person.mouse(65, 10, 4);
      await person.shows('row300,');
      await until(async () => (await world.remote('alpha', 'display-message', '-p', '-t', `${id}:`, '#{pane_in_mode}')) === '0', { what: 'copy mode ended' });
      assert.equal(await readFile(log, 'utf8'), '');
      assert.equal(await world.remote('alpha', 'show-options', '-Av', '-t', id, 'mouse'), 'off', "the person's option is as it was");
      await world.remote('alpha', 'kill-session', '-t', id);
      await person.shows(/REMOTE alpha (one|two)/);
      await world.cockpit.must('open', 'alpha/one', '--focus', 'agent');
    });

    it('PAIR-4 a second `cockpit up` in a terminal of another size joins, and the keys of both act', async () => {
      const other = await world.person(100, 30, 'up');
      await other.shows('REMOTE alpha one', '>> agent alpha <<', 'F1 host F2 session F3 focus');
      assert.equal((await other.rows()).length <= 30, true);
      await other.press('F3');
      await other.shows('>> remote alpha <<', 'you write');
      await world.claims('alpha/one');
      await person.press('F3');
      await person.shows('>> agent alpha <<', 'agent writes', /F1 host .*F2 session/);
      await world.claims();
    });

    it('KEY-1 F12 asks; y takes the cockpit down, and `up` says so and exits 0; the remote sessions go on', async () => {
      await person.press('F12');
      await person.shows('take the cockpit down? remote sessions go on (y/n)');
      await person.type('n');
      await person.shows('[alpha');
      await person.press('F12');
      await person.shows('(y/n)');
      await person.type('y');
      assert.equal(await person.ended(), 0);
      await person.shows('the cockpit is down; the remote sessions go on.');
      assert.equal((await world.cockpit.status()).supervisor.running, false);
      assert.match(await world.remote('alpha', 'list-sessions'), /cockpit-one.*\n.*cockpit-two/);
    });
  });
}
