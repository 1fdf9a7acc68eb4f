import assert from 'node:assert/strict';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { openTerminal } from '../../support/terminal.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('adopt and release', function () {
  this.timeout(60_000);
  let tmux: TmuxFixture;
  let cockpit: CockpitFixture;
  const nameOf = (id: string) => tmux.run('display-message', '-p', '-t', `${id}:`, '#{session_name}');

  before(async () => {
    tmux = await startTmux();
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({ codex_path: '/nonexistent/codex', hosts: [{ alias: 'box', transport: 'local', tmux_socket: tmux.socket }] });
    await cockpit.must('up', '--no-attach');
  });
  after(async () => {
    await cockpit.dispose();
    await tmux.stop();
  });

  it('DISC-11 lists every tmux session of a host and marks the managed ones; nothing is touched by that', async () => {
    await tmux.newSession('my work');
    const listed = await cockpit.must('adopt', 'box');
    assert.match(listed, /^\* \$0\tcockpit-keep\tcat$/m);
    assert.match(listed, /^ {2}\$1\tmy work\tcat$/m);
    const json = JSON.parse(await cockpit.must('adopt', 'box', '--json')) as { name: string; managed: boolean }[];
    assert.deepEqual(json.map(({ name, managed }) => [name, managed]), [['cockpit-keep', true], ['my work', false]]);
    assert.equal(await nameOf('$1'), 'my work');
  });

  it('DISC-11 without a terminal and without --yes: exit 2, and nothing is renamed', async () => {
    const { exitCode, stderr } = await cockpit.cli('adopt', 'box/my work');
    assert.equal(exitCode, 2);
    assert.match(stderr, /--yes/);
    assert.equal(await nameOf('$1'), 'my work');
  });

  it('DISC-11 asks in a terminal: no leaves it, yes renames it and it is managed', async () => {
    for (const [answer, name] of [['n', 'my work'], ['', 'my work'], ['y', 'cockpit-my-work']] as const) {
      const terminal = await openTerminal(cockpit.argv('adopt', 'box/my work'), { env: cockpit.env });
      try {
        await terminal.shows(/Rename box\/my work to cockpit-.*y\/N/);
        if (answer) await terminal.type(answer);
        await terminal.key('Enter');
        assert.equal(await terminal.ended(), 0);
      } finally {
        await terminal.close();
      }
      assert.equal(await nameOf('$1'), name);
    }
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.some((session) => session.name === 'cockpit-my-work' && session.owner === 'agent'));
  });

  it('DISC-11 release gives the old name back and leaves nothing of cockpit on the session', async () => {
    assert.match(await cockpit.must('release', 'box/my-work'), /released as my work/);
    assert.equal(await nameOf('$1'), 'my work');
    assert.doesNotMatch(await tmux.run('show-options', '-t', '$1'), /cockpit/);
    assert.equal((await cockpit.status()).hosts[0]?.sessions.length, 1);
    assert.doesNotMatch(await tmux.run('capture-pane', '-p', '-t', '$1'), /\S/, 'what runs in it saw nothing of it');
  });

  it('DISC-11 what cannot be: unknown, managed already, never adopted, an old name that is taken', async () => {
    const fails = async (args: string[], says: RegExp) => {
      const { exitCode, stderr } = await cockpit.cli(...args);
      assert.equal(exitCode, 1);
      assert.match(stderr, says);
    };
    await fails(['adopt', 'box/nothing', '--yes'], /no tmux session "nothing".*It has: .*my work/);
    await fails(['release', 'box/keep'], /was not adopted/);
    await fails(['adopt', 'bix'], /Did you mean "box"/);
    assert.match(await cockpit.must('adopt', 'box/cockpit-keep', '--yes'), /cockpit-keep/);
    await cockpit.must('adopt', 'box/my work', '--yes');
    const taker = await tmux.newSession('my work');
    await fails(['release', 'box/my-work'], /duplicate session: my work/);
    assert.equal(await nameOf('$1'), 'cockpit-my-work');
    await tmux.run('kill-session', '-t', taker.id);
    await cockpit.must('release', 'box/my-work');
    assert.equal(await nameOf('$1'), 'my work');
    const tools = (await cockpit.must('audit', '--json')).trim().split('\n').map((line) => JSON.parse(line) as { tool: string; kind: string; outcome: string }).filter(({ kind }) => kind === 'command');
    assert.deepEqual(tools.map(({ tool, outcome }) => `${tool} ${outcome}`), ['adopt accepted', 'release accepted', 'adopt accepted', 'release refused', 'release accepted']);
  });

  it('DISC-11 two names that become the same managed name get a number', async () => {
    const [one, two] = [await tmux.newSession('a b'), await tmux.newSession('a-b')];
    await cockpit.must('adopt', `box/${one.id}`, '--yes');
    await cockpit.must('adopt', `box/${two.id}`, '--yes');
    assert.deepEqual([await nameOf(one.id), await nameOf(two.id)], ['cockpit-a-b', 'cockpit-a-b-2']);
  });
});
