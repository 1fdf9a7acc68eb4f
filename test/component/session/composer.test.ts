import assert from 'node:assert/strict';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../../src/supervisor/adapters/codex/codexBinary.ts';
import { processesOf, scriptedProvider } from '../../support/codex.ts';
import { remoteCodex } from '../../support/remoteCodex.ts';
import { unfenced } from '../../support/unfenced.ts';
import { until } from '../../support/until.ts';
import { startSessions, type SessionClient, type SessionsFixture } from './sessionFixture.ts';

describe('the composer of a real remote Codex', function () {
  this.timeout(60_000);
  let all: SessionsFixture;
  let model: ScriptedModel;
  let session: SessionClient;
  before(async () => {
    model = await startScriptedModel();
    const { path } = await resolveCodex('codex', { ...process.env, PATH: '' });
    all = await startSessions(async (tmux) => {
      const remote = await remoteCodex(tmux.dir, path, scriptedProvider(model.url));
      await tmux.run('new-session', '-d', '-s', 'cockpit-work', '-x', '100', '-y', '30', remote.command);
      for (const [name, words] of [['hint', '\\033[2mAnything else?\\033[0m'], ['home', 'Anything else?']] as const) {
        await tmux.newSession(`cockpit-${name}`, `printf '\\n\\342\\200\\272 ${words}\\n\\n  fake \\302\\267 ~/x\\033[2;3H'; stty raw -echo; exec cat > /dev/null`);
      }
      await tmux.run('kill-session', '-t', 'cockpit-keep');
    });
    await all.ready('work', 'hint', 'home');
    await until(async () => (await all.tmux.run('display-message', '-p', '-t', 'cockpit-work', '#{pane_title}')) === 'project', { what: 'the remote Codex is ready', timeoutMs: 20_000 });
    session = await all.reader('http', 'work');
  });
  after(async () => {
    const { dir } = all.tmux;
    await all.stop();
    await model.close();
    await until(() => processesOf(dir).length === 0, { what: 'the remote Codex ends' });
  });
  const screen = () => all.tmux.run('capture-pane', '-p', '-t', 'cockpit-work');
  const shows = (text: string) => until(async () => (await screen()).includes(text), { what: `the screen shows ${text}`, timeoutMs: 10_000 });
  const type = (...keys: string[]) => all.tmux.run('send-keys', '-t', 'cockpit-work', ...keys);
  const empty = async () => {
    await until(async () => unfenced((await session.call('session_status')).promptText) === '', { what: 'an empty composer', timeoutMs: 10_000 });
  };

  it('OWN-9 text that somebody else put there keeps text and keys out, with the reason; what cockpit staged itself it may go on with and submit', async () => {
    await empty();
    assert.equal((await session.call('send_text', { text: 'hello from ', submit: false })).outcome, 'accepted');
    await shows('› hello from');
    assert.equal((await session.call('send_text', { text: 'cockpit' })).outcome, 'accepted');
    await shows('You said: hello from cockpit');
    await empty();

    await type('-l', 'half a thought');
    await shows('› half a thought');
    await session.call('session_status');
    const asked = model.requests.length;
    for (const [tool, args] of [['send_text', { text: 'x' }], ['send_keys', { keys: ['Enter'] }], ['send_input', { actions: [{ type: 'key', key: 'C-u' }] }], ['interrupt', {}]] as const) {
      const answer = await session.call(tool, args);
      assert.deepEqual([answer.outcome, answer.reason], ['refused', 'composer-occupied'], tool);
      assert.match(answer.explanation, /holds text that cockpit did not put there/);
    }
    assert.deepEqual((await all.audit()).slice(-4).map(({ outcome }) => outcome), Array(4).fill('refused'));
    assert.match(await screen(), /› half a thought\n/);
    assert.equal(model.requests.length, asked);

    await type('C-u');
    await empty();
    assert.equal((await session.call('send_text', { text: 'and on it goes' })).outcome, 'accepted');
    await shows('You said: and on it goes');
  });

  it('OWN-9 a long paste of cockpit, which Codex shows by its length, is its own; what a person adds to it makes it foreign', async () => {
    await empty();
    const long = 'please read this again. '.repeat(80);
    assert.equal((await session.call('send_text', { text: long, submit: false })).outcome, 'accepted');
    await shows(`[Pasted Content ${long.length} chars]`);
    await session.call('session_status');
    await type('-l', 'wait');
    await shows('chars]wait');
    assert.equal((await session.call('send_keys', { keys: ['Enter'] })).reason, 'composer-occupied');
    await type('BSpace', 'BSpace', 'BSpace', 'BSpace');
    await until(async () => !(await screen()).includes('chars]wait'), { what: 'what the person typed is gone' });
    assert.equal((await session.call('send_keys', { keys: ['Enter'] })).outcome, 'accepted');
    await shows('You said: please read this again.');
  });

  it('OWN-9 words that a Codex of another version shows in an empty composer are told by their dimness', async () => {
    for (const [name, outcome] of [['hint', 'accepted'], ['home', 'refused']] as const) {
      const reader = await all.reader('http', name);
      assert.equal(unfenced((await reader.call('session_status')).promptText), 'Anything else?');
      assert.equal((await reader.call('send_text', { text: 'hi' })).outcome, outcome, name);
    }
  });
});
