import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { quote } from '../../../src/supervisor/adapters/shell/shell.ts';
import { unfenced } from '../../support/unfenced.ts';
import { until } from '../../support/until.ts';
import { startSessions, type SessionClient, type SessionsFixture } from './sessionFixture.ts';

const program = fileURLToPath(new URL('menuProgram.ts', import.meta.url));
const waitingRow = z.object({ session: z.string(), name: z.string(), state: z.string(), waitingMs: z.number(), approval: z.object({ command: z.string(), risk: z.string(), isCut: z.boolean(), fingerprint: z.string() }).nullable() });

describe('approvals on a host that asks', function () {
  this.timeout(60_000);
  let all: SessionsFixture;
  let runs = 0;
  before(async () => {
    all = await startSessions(async (tmux) => {
      for (const name of ['one', 'two']) await tmux.newSession(`cockpit-${name}`);
      await tmux.run('kill-session', '-t', 'cockpit-keep');
    }, { host: { transport: 'local', approvals: 'ask' } });
    await all.ready('one', 'two');
  });
  after(() => all.stop());

  const ask = async (name: string, command: string): Promise<{ session: SessionClient; bytes: () => Promise<string>; screen: () => Promise<string> }> => {
    const log = join(all.tmux.dir, `asked-${++runs}`);
    await writeFile(log, '');
    await all.tmux.run('respawn-pane', '-k', '-t', `cockpit-${name}`, `exec ${quote(process.execPath, program, log, 'menu', command)}`);
    const screen = () => all.tmux.run('capture-pane', '-p', '-t', `cockpit-${name}`);
    await until(async () => (await screen()).includes(`$ ${command.split('\n')[0] ?? ''}`), { what: 'the question' });
    return { session: await all.reader('http', name), bytes: () => readFile(log, 'latin1'), screen };
  };
  const waiting = async () => z.array(waitingRow).parse(z.object({ waiting: z.unknown() }).parse(JSON.parse(await all.cockpit.must('attention', '--json'))).waiting);

  it('MCP-2 the agent approves by itself what only reads, and says no to anything; the rest waits for the person, refused with its reason', async () => {
    const rows: [command: string, option: string, risk: string, outcome: string][] = [
      ['git status && ls -la', '1', 'read-only', 'accepted'],
      ['git status && ls -la', '2', 'read-only', 'refused'],
      ['npm test', '1', 'writes', 'refused'],
      ['cat a; rm -rf build', '1', 'destructive', 'refused'],
      ['cat a; rm -rf build', '3', 'destructive', 'accepted'],
      ['sudo id', '1', 'privileged', 'refused'],
      ['./deploy.sh', '1', 'unknown', 'refused'],
    ];
    for (const [command, option, risk, outcome] of rows) {
      const { session, bytes } = await ask('one', command);
      const status = await session.call('session_status');
      assert.deepEqual([unfenced(status.approvalCommand), status.approvalRisk], [command, risk]);
      const answer = await session.call('approve_prompt', { option, fingerprint: status.fingerprint });
      assert.deepEqual([answer.outcome, answer.reason], [outcome, outcome === 'refused' ? 'needs-person' : null], `${option} to ${command}`);
      const [row] = (await all.audit()).slice(-1);
      assert.deepEqual([row?.tool, row?.outcome], ['approve_prompt', outcome]);
      if (outcome === 'refused') {
        assert.match(answer.explanation, /for the operator to decide\. Nothing was typed/);
        assert.equal(await bytes(), '');
      }
    }
  });

  it('CTL-1 `attention` lists what waits, the longest first; `approve` answers what was read as the operator; a menu that changed is refused', async () => {
    const first = await ask('two', 'rm -rf build');
    await until(async () => (await waiting()).some(({ name }) => name === 'cockpit-two'), { what: 'two waits' });
    const second = await ask('one', 'curl -s https://example.org/');
    const rows = await until(async () => {
      const found = await waiting();
      if (found.length !== 2 || found[1]?.approval?.risk !== 'network') throw new Error(JSON.stringify(found));
      return found;
    }, { what: 'both wait' });
    assert.deepEqual(rows.map(({ name, state, approval }) => [name, state, approval?.command, approval?.risk]), [['cockpit-two', 'needs-input', 'rm -rf build', 'destructive'], ['cockpit-one', 'needs-input', 'curl -s https://example.org/', 'network']]);
    assert.ok((rows[0]?.waitingMs ?? 0) > (rows[1]?.waitingMs ?? 0));
    const code = rows[0]?.approval?.fingerprint.slice(0, 8) ?? '';
    assert.match(await all.cockpit.must('attention'), new RegExp(`cockpit-two: needs-input for \\d+ s\\n {2}destructive \\(rm\\) {2}code ${code}\\n {2}\\| rm -rf build\\n {2}1\\. Yes, proceed`));
    await all.cockpit.must('ctl', 'next-attention');
    assert.equal((await all.supervisor.request('status', {})).selected.session, rows[0]?.session.split('/')[1]);

    const changed = await all.cockpit.cli('approve', 'here/one', '1', '--seen', code);
    assert.deepEqual([changed.exitCode, /asks something else than you read\. Nothing was typed/.test(changed.stderr)], [1, true], changed.stderr);
    assert.equal(await second.bytes(), '');
    assert.equal((await all.cockpit.cli('approve', 'here/two', '1')).exitCode, 2, 'without a terminal the code is needed');
    assert.equal(await all.cockpit.must('approve', 'here/two', '1', '--seen', code), 'Accepted; the approval is gone from the screen.\n');
    assert.match(await first.screen(), /CHOSEN 1/);
    const [row] = (await all.audit()).slice(-1);
    assert.deepEqual([row?.tool, row?.actor, row?.outcome], ['approve_prompt', 'human', 'accepted']);
    assert.equal((await all.cockpit.cli('approve', 'here/two', '1', '--seen', code)).exitCode, 1, 'once only');
    assert.equal(await first.bytes(), '\r');
  });

  it('CTL-1 the operator answers also while they own the session', async () => {
    const { bytes } = await ask('one', 'make install');
    await all.claim('one');
    const code = await until(async () => (await waiting()).find(({ name, approval }) => name === 'cockpit-one' && approval?.command === 'make install')?.approval?.fingerprint, { what: 'the approval is listed' });
    await all.cockpit.must('approve', 'here/one', '3', '--seen', code.slice(0, 8));
    assert.equal(await bytes(), '\u001b[B\u001b[B\r');
    await all.release();
  });
});
