import assert from 'node:assert/strict';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { openTerminal } from '../../support/terminal.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('a terminal 20 columns wide and 5 rows high', function () {
  this.timeout(60_000);
  let tmux: TmuxFixture;
  let cockpit: CockpitFixture;

  before(async () => {
    tmux = await startTmux();
    await tmux.run('rename-session', '-t', '$0', `cockpit-${'long'.repeat(20)}`);
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({
      codex_path: '/nonexistent/codex',
      hosts: [{ alias: 'box', transport: 'local', tmux_socket: tmux.socket }, { alias: 'a-host-with-a-rather-long-name', ssh_target: 'no-such..alias' }],
    });
    await cockpit.must('up', '--no-attach');
  });
  after(async () => {
    await cockpit.dispose();
    await tmux.stop();
  });

  it('PAIR-4 up shows what fits; keys work; it survives being made smaller and larger', async () => {
    const terminal = await openTerminal(cockpit.argv('up'), { env: cockpit.env, columns: 20, rows: 5 });
    try {
      await until(async () => (await terminal.rows()).some((row) => row.includes('box')), { what: 'the host on the status line' });
      assert.ok((await terminal.rows()).every((row) => Array.from(row).length <= 20));
      await terminal.key('F3');
      await until(async () => (await cockpit.status()).selected.focus === 'remote');
      await terminal.type('typed');
      await until(async () => (await tmux.run('capture-pane', '-p', '-t', '$0')).includes('typed'), { what: 'keys reach the remote' });
      for (const [columns, rows] of [[1, 1], [20, 1], [2, 5], [300, 90], [20, 5]] as const) {
        await terminal.resize(columns, rows);
        await terminal.key('F1', 'F1', 'F5');
      }
      await until(async () => (await cockpit.status()).hosts[0]?.state === 'online');
      assert.equal(await terminal.exitCode(), null, 'it still runs');
      await terminal.resize(120, 30);
      await terminal.shows(/Wake (remote|off)/);
    } finally {
      await terminal.close();
    }
    assert.equal((await cockpit.status()).supervisor.running, true);
  });

  for (const [columns, rows] of [[20, 5], [1, 1]] as const) {
    it(`CTL-2 status, adopt and audit at ${columns} × ${rows} end well`, async () => {
      for (const args of [['status'], ['adopt', 'box'], ['audit'], ['--help']]) {
        const terminal = await openTerminal(cockpit.argv(...args), { env: cockpit.env, columns, rows });
        try {
          assert.equal(await terminal.ended(), 0);
        } finally {
          await terminal.close();
        }
      }
    });
  }

  it('CTL-2 status at 20 columns: each host and session begins a line of its own', async () => {
    const terminal = await openTerminal(cockpit.argv('status'), { env: cockpit.env, columns: 20, rows: 60 });
    try {
      await terminal.ended();
      const rows = await terminal.rows();
      assert.ok(rows.some((row) => row.startsWith('box: online')), rows.join('\n'));
      assert.ok(rows.some((row) => /^ {4}\$0 /.test(row)), rows.join('\n'));
      assert.ok(rows.some((row) => row.startsWith('a-host-with-a-rather')), rows.join('\n'));
    } finally {
      await terminal.close();
    }
  });

  it('DISC-11 a question asked at 20 columns can be answered', async () => {
    await tmux.run('new-session', '-d', '-s', 'mine', 'exec cat');
    const terminal = await openTerminal(cockpit.argv('adopt', 'box/mine'), { env: cockpit.env, columns: 20, rows: 5 });
    try {
      await until(async () => (await terminal.screen()).includes('y/N'));
      await terminal.type('y');
      await terminal.key('Enter');
      assert.equal(await terminal.ended(), 0);
      assert.match(await tmux.run('list-sessions'), /^cockpit-mine:/m);
    } finally {
      await terminal.close();
    }
  });
});
