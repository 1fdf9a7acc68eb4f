import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '../../../src/supervisor/adapters/codex/agent.ts';
import { readRecord } from '../../../src/supervisor/adapters/codex/processRecord.ts';
import { codexFixture, type CodexFixture } from '../../support/codex.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;
const dialog = /trust|Update available|Sign in|Welcome to Codex|Try new model|Approaching rate limits|Press enter/i;

describe("the TUI of an agent's pane", () => {
  let fixture: CodexFixture;
  let tmux: TmuxFixture;
  before(async () => {
    fixture = await codexFixture();
    tmux = await startTmux();
  });
  after(async () => {
    await tmux.stop();
    await fixture.dispose();
  });

  const screen = (name: string) => tmux.run('capture-pane', '-p', '-t', `=${name}:`);
  const openTui = async (agent: Agent, name: string) => {
    const launch = agent.tuiLaunch;
    assert.ok(launch, 'there is a thread to show');
    const env = Object.entries(launch.env).map(([key, value]) => `${key}=${value}`);
    await tmux.run('new-session', '-d', '-s', name, '-x', '110', '-y', '32', '-c', launch.cwd, 'env', '-i', 'TERM=tmux-256color', ...env, ...launch.argv);
    await until(async () => /› Ask Codex to do anything/.test(await screen(name)), { what: `the composer of ${name}` });
  };
  /** Types a line and sends it with Enter once the composer shows it; the popup of a command needs its own redraw first. */
  const type = async (name: string, text: string) => {
    await tmux.run('send-keys', '-t', `=${name}:`, '-l', '--', text);
    let previous = '';
    await until(async () => {
      const now = await screen(name);
      const settled = now.includes(`› ${text}`) && now === previous;
      previous = now;
      return settled;
    });
    await until(async () => {
      await tmux.run('send-keys', '-t', `=${name}:`, 'Enter');
      return !(await screen(name)).includes(`› ${text}`);
    });
  };

  it('PAIR-3 shows the composer of the thread, and none of the dialogs, also below a git repository', async () => {
    const spec = fixture.spec('git');
    await mkdir(join(fixture.dir, 'agents', '.git', 'refs'), { recursive: true });
    await mkdir(join(fixture.dir, 'agents', '.git', 'objects'), { recursive: true });
    await writeFile(join(fixture.dir, 'agents', '.git', 'HEAD'), 'ref: refs/heads/main\n');
    const agent = fixture.agent(spec);
    assert.equal(agent.tuiLaunch, null);
    await agent.start(never);
    await openTui(agent, 'git');
    await until(async () => (await screen('git')).includes('cockpit git'), { what: 'the name of the thread' });
    assert.doesNotMatch(await screen('git'), dialog);
    await agent.nudge('hello from the supervisor');
    await until(async () => (await screen('git')).includes('You said: hello from the supervisor'));
    assert.doesNotMatch(await screen('git'), dialog);
    agent.dispose();
  });

  it('PAIR-2 a /new in the TUI is adopted: it survives, is followed and is the thread of the next launch', async () => {
    const spec = fixture.spec('new');
    const agent = fixture.agent(spec);
    await agent.start(never);
    const first = agent.status.threadId;
    await openTui(agent, 'new');
    await until(async () => (await screen('new')).includes('cockpit new'));
    await type('new', '/new');
    await until(() => agent.status.threadId !== first);
    const second = agent.status.threadId;
    assert.ok(second);
    assert.ok(agent.tuiLaunch?.argv.includes(second));
    const record = await readRecord(join(spec.home, 'app-server.pid'));
    assert.ok(record);
    process.kill(record.pid, 'SIGKILL');
    await until(() => agent.status.state === 'error');
    await until(() => agent.status.state === 'idle');
    assert.equal(agent.status.threadId, second);
    await agent.nudge('in the new thread');
    await until(async () => (await screen('new')).includes('You said: in the new thread'), { timeoutMs: 15_000 });
    agent.dispose();
  });
});
