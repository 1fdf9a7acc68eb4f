import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../support/until.ts';
import { openTerminalFixture, tmux, type TerminalFixture } from './terminalFixture.ts';

describe('viewer', () => {
  let f: TerminalFixture;
  beforeEach(async () => {
    f = await openTerminalFixture();
  });
  afterEach(async () => {
    await f.close();
  });

  const screen = () => tmux(f.paths.viewerTmux, 'capture-pane', '-p', '-t', '=h-ai:');
  const shows = (what: RegExp) => until(async () => what.exec(await screen()), { what: String(what) });
  const enter = () => tmux(f.paths.viewerTmux, 'send-keys', '-t', '=h-ai:', 'Enter');
  /** A viewer whose attach is a script that tests can rewrite. */
  async function scripted(script: string): Promise<(script: string) => Promise<void>> {
    const path = join(f.dir, 'attach');
    const write = async (text: string) => {
      await writeFile(path, `#!/bin/sh\n${text}\n`);
      await chmod(path, 0o700);
    };
    await write(script);
    await f.viewer.apply([f.host('ai', [{ id: '$1', name: 'cockpit-main', attachArgv: [path] }])]);
    return write;
  }

  it('PAIR-1 comes back by itself after a detach, and says that the session is gone', async () => {
    const main = await f.remoteSession('cockpit-main', 'echo "REMOTE main"; exec cat');
    await f.viewer.apply([f.host('ai', [main])]);
    await shows(/REMOTE main/);
    await tmux(f.remote, 'detach-client', '-s', 'cockpit-main');
    await shows(/ai\/cockpit-main: detached, or the session ended/);
    await shows(/REMOTE main/);
    await tmux(f.remote, 'kill-session', '-t', '=cockpit-main');
    await shows(/this session is gone on the host; waiting for it to come back/);
    await shows(/reconnecting in \d+ s - press Enter to do it now/);
  });

  it('PAIR-1 says what it waits for, waits longer each time, and Enter tries at once', async () => {
    const rewrite = await scripted('echo "ssh: connect to host ai port 22: Connection refused" >&2; exit 255');
    await shows(/link lost; waiting for the host\n +ssh: connect to host ai port 22: Connection refused/);
    await shows(/reconnecting in 4 s/);
    await rewrite('echo "SCREEN OF AI"; exec cat');
    await enter();
    await until(async () => (await screen()).includes('SCREEN OF AI'), { timeoutMs: 1000 });
  });

  it('DISC-12 says when the host needs a login', async () => {
    const rewrite = await scripted('echo "me@ai: Permission denied (publickey)." >&2; exit 255');
    await shows(/needs login: the host asks who you are; choose Connect\.\.\. for this host/);
    await rewrite('echo "Host key verification failed." >&2; exit 255');
    await enter();
    await shows(/needs login: the host key is not known/);
  });

  it('PAIR-1 what a lost full-screen program left behind is undone, and its error cannot steer the terminal', async () => {
    await scripted("printf '\\033[?1049h\\033[?1003h\\033[?25lFULL'; printf 'bad\\033]0;title\\007\\n' >&2; exit 255");
    await shows(/link lost/);
    await shows(/ {2}bad\]0;title/);
    assert.equal(await tmux(f.paths.viewerTmux, 'display-message', '-p', '-t', '=h-ai:', '#{alternate_on}#{mouse_any_flag}#{cursor_flag}'), '001');
  });

  it('DISC-8 a viewer finds the operator agent through the stable link', async () => {
    await scripted('echo "SOCK=$SSH_AUTH_SOCK="; exec cat');
    await shows(new RegExp(`SOCK=${f.paths.sshAuthSock}=`));
  });
});
