import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { statusView } from '../../../src/supervisor/protocol/statusView.ts';
import { processesOf } from '../../support/codex.ts';
import { until } from '../../support/until.ts';

const entry = fileURLToPath(new URL('../../../src/cli/cockpit.ts', import.meta.url));

describe('the demo', function () {
  this.timeout(90_000);
  let dir: string;
  const cockpit = async (...args: string[]) => (await promisify(execFile)(process.execPath, [entry, ...args], { cwd: dir, env: { ...process.env, TMUX: '' } })).stdout;
  const status = async () => statusView.parse(JSON.parse(await cockpit('--demo', 'status', '--json')));

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ck-'));
  });
  after(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('DEMO-1 DEMO-2 three fake hosts, each with a session and a real Codex beside it, without account and network', async () => {
    assert.match(await cockpit('demo', '--no-attach'), /atlas: online/);
    await until(async () => {
      const { hosts } = await status();
      return hosts.length === 3 && hosts.every((host) => host.sessions.length > 0 && host.sessions.every((session) => session.agent.state === 'idle' && session.agent.threadId !== null));
    }, { timeoutMs: 30_000, what: 'three hosts with idle agents' });
    assert.ok(existsSync(join(dir, '.cockpit-demo', 'orchestrator.log')));
  });

  it('DEMO-1 a second demo joins the first, and demo-clean leaves nothing', async () => {
    const { pid } = (await status()).supervisor;
    await cockpit('demo', '--no-attach');
    assert.equal((await status()).supervisor.pid, pid);
    assert.match(await cockpit('demo-clean'), /the demo is gone/);
    assert.equal(existsSync(join(dir, '.cockpit-demo')), false);
    await until(() => processesOf(dir).length === 0, { what: 'no process is left' });
  });
});
