import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/until.ts';
import { startSessions, type SessionClient, type SessionsFixture } from './sessionFixture.ts';

const program = fileURLToPath(new URL('menuProgram.ts', import.meta.url));
const kinds = ['menu', 'stuck', 'fickle', 'yes-no', 'letter', 'again'] as const;
type Kind = (typeof kinds)[number];

describe('approve_prompt', function () {
  this.timeout(60_000);
  let all: SessionsFixture;
  let runs = 0;
  before(async () => {
    all = await startSessions(async (tmux) => {
      for (const kind of kinds) await tmux.newSession(`cockpit-${kind}`);
    });
    await all.ready(...kinds);
  });
  after(() => all.stop());

  /** Puts a new question on a session's screen; tells the bytes that came to it. */
  const ask = async (kind: Kind): Promise<{ session: SessionClient; bytes: () => Promise<string>; screen: () => Promise<string> }> => {
    const log = join(all.tmux.dir, `menu-${++runs}`);
    await all.tmux.run('respawn-pane', '-k', '-t', `cockpit-${kind}`, `: > '${log}'; exec '${process.execPath}' '${program}' '${log}' ${kind}`);
    const screen = () => all.tmux.run('capture-pane', '-p', '-t', `cockpit-${kind}`);
    await until(async () => /confirm or esc|\[y\/N\]/.test(await screen()));
    return { session: await all.reader('http', kind), bytes: () => readFile(log, 'latin1'), screen };
  };

  it('MCP-2 a numbered approval: the command is read whole, and the option that is named is confirmed', async () => {
    for (const [option, keys] of [['1', '\r'], ['2', '\u001b[B\r'], ['3', '\u001b[B\u001b[B\r']] as const) {
      const { session, bytes, screen } = await ask('menu');
      const status = await session.call('session_status');
      assert.equal(status.mode, 'needs-input');
      assert.match(status.approvalCommand ?? '', /\nmake release --with-all-targets\n/);
      assert.deepEqual(status.approvalOptions.map(({ key, selected }) => [key, selected]), [['1', true], ['2', false], ['3', false]]);
      const answer = await session.call('approve_prompt', { option, fingerprint: status.fingerprint });
      assert.deepEqual([answer.outcome, answer.screenReacted, answer.explanation], ['accepted', true, 'Accepted; the approval is gone from the screen.']);
      assert.match(await screen(), new RegExp(`CHOSEN ${option}`));
      assert.equal(await bytes(), keys);
    }
  });

  it('MCP-2 a y/n question takes letter and Enter; one that takes the letter alone gets no Enter', async () => {
    for (const [kind, option, keys] of [['yes-no', 'n', 'n\r'], ['yes-no', 'y', 'y\r'], ['letter', 'y', 'y']] as const) {
      const { session, bytes, screen } = await ask(kind);
      const { approvalOptions, fingerprint } = await session.call('session_status');
      assert.deepEqual(approvalOptions.map(({ key }) => key), ['y', 'n']);
      assert.equal((await session.call('approve_prompt', { option, fingerprint })).outcome, 'accepted');
      await until(async () => (await screen()).includes(`CHOSEN ${option}`));
      assert.equal(await bytes(), keys);
    }
  });

  it('MCP-2 an approval that was not read, has changed or is gone is refused, and nothing is typed', async () => {
    const unread = await ask('menu');
    const fresh = await all.open('http', 'menu');
    assert.match(await fresh.refusal('approve_prompt', { option: '1' }), /have not read an approval/);
    const { fingerprint } = await unread.session.call('session_status');
    assert.match(await fresh.refusal('approve_prompt', { option: '1', fingerprint }), /have not read an approval/);
    assert.match(await unread.session.refusal('approve_prompt', { option: '1', fingerprint: 'f'.repeat(64) }), /another one than you read\. Nothing was typed/);
    const changed = await ask('fickle');
    await changed.session.call('session_status');
    await all.tmux.run('send-keys', '-t', 'cockpit-fickle', 'Up');
    await until(async () => (await changed.screen()).includes('rm -r build'));
    assert.match(await changed.session.refusal('approve_prompt', { option: '1' }), /another one than you read/);
    await all.tmux.run('send-keys', '-t', 'cockpit-menu', 'Enter');
    await until(async () => (await unread.screen()).includes('CHOSEN'));
    assert.match(await unread.session.refusal('approve_prompt', { option: '1' }), /No approval is on the screen/);
    assert.equal(await unread.bytes(), '\r', 'only what the person typed');
    assert.equal(await changed.bytes(), '\u001b[A');
  });

  it('MCP-2 an option that is not offered is refused without words of the remote', async () => {
    const { session, bytes } = await ask('menu');
    await session.call('session_status');
    const words = await session.refusal('approve_prompt', { option: '4' });
    assert.match(words, /has no option "4"\. Its options are: 1, 2, 3\. Nothing was typed/);
    assert.doesNotMatch(words, /proceed/);
    assert.equal(await bytes(), '');
  });

  it('MCP-2 nothing is confirmed where the menu changes under the answer, or its selection does not move', async () => {
    for (const [kind, why] of [['fickle', /approval changed while it was being answered, so nothing was confirmed/], ['stuck', /selection of the menu did not move/]] as const) {
      const { session, bytes } = await ask(kind);
      await session.call('session_status');
      const answer = await session.call('approve_prompt', { option: '2' });
      assert.deepEqual([answer.outcome, answer.reason], ['partial', null]);
      assert.match(answer.explanation, why);
      assert.equal(await bytes(), '\u001b[B');
      assert.deepEqual((await all.audit()).slice(-1).map(({ tool, outcome }) => [tool, outcome]), [['approve_prompt', 'partial']]);
    }
  });

  it('MCP-2 an answer is never repeated: an approval that stays wants to be read again', async () => {
    const { session, bytes } = await ask('again');
    const { fingerprint } = await session.call('session_status');
    assert.match((await session.call('approve_prompt', { option: '1', fingerprint })).explanation, /still on the screen after 5 s\. Do not send it again/);
    assert.match(await session.refusal('approve_prompt', { option: '1', fingerprint }), /have not read an approval since the last answer/);
    assert.equal(await bytes(), '\r');
  });

  it('OWN-7 an approval has one row, with the option and the command', async () => {
    const { session } = await ask('menu');
    await session.call('session_status');
    const before = (await all.audit()).length;
    await session.call('approve_prompt', { option: '2' });
    const rows = (await all.audit()).slice(before);
    assert.deepEqual(rows.map(({ tool, outcome, actor }) => [tool, outcome, actor]), [['approve_prompt', 'accepted', 'grant']]);
    assert.match(rows[0]?.detail ?? '', /2: .*make release --with-all-targets/s);
  });
});
