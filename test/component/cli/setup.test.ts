import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';

describe('cockpit setup in a terminal', function () {
  this.timeout(60_000);
  let sshd: SshdFixture;
  let cockpit: CockpitFixture;
  let terminal: Terminal | null = null;

  before(async () => {
    sshd = await startSshd({ aliases: ['box', 'spare'] });
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    remote('new-session', '-d', '-s', 'work', 'exec cat');
  });

  afterEach(async () => {
    await terminal?.close();
    terminal = null;
  });

  after(async () => {
    await cockpit.dispose();
    await sshd.stop();
  });

  const remote = (...args: string[]) => execFileSync('tmux', args, { encoding: 'utf8', env: { ...process.env, TMUX: '', TMUX_TMPDIR: sshd.tmuxTmpDir, HOME: sshd.home } });
  const sees = async (text: RegExp) => await opened().shows(text);
  /** Waits for a question, then answers it with keys or words. */
  const answer = async (question: RegExp, ...names: string[]) => {
    await sees(question);
    await opened().key(...names);
  };
  const run = async (...args: string[]) => {
    terminal = await openTerminal(cockpit.argv(...args), { env: cockpit.env, columns: 110, rows: 60 });
  };
  const ended = async () => await opened().ended();
  const opened = (): Terminal => {
    assert.ok(terminal);
    return terminal;
  };
  const config = () => readFile(cockpit.paths.config, 'utf8');

  it('CONF-4 without a terminal it names the file and the command to use, exit code 2', async () => {
    const { exitCode, stderr } = await cockpit.cli('setup');
    assert.equal(exitCode, 2);
    assert.ok(stderr.includes(cockpit.paths.config) && /cockpit up/.test(stderr), stderr);
  });

  it('CONF-4 Ctrl-C leaves nothing behind and says so in one line', async () => {
    await run('setup');
    await answer(/Add from your ssh configuration \(2\)/, 'Enter');
    await answer(/Which of them\?/, 'C-c');
    assert.equal(await ended(), 1);
    await sees(/^cockpit: Setup ended; nothing was written\.$/m);
    await assert.rejects(stat(cockpit.paths.dataDir), { code: 'ENOENT' });
  });

  it('CONF-4 CONF-6 DISC-11 offers the ssh aliases, shows the sessions, adopts one, and writes the settings of the host', async () => {
    await run('setup');
    await answer(/Add from your ssh configuration \(2\)/, 'Enter');
    await answer(/Which of them\?/, 'Space', 'Enter');
    await answer(/box {2}edit or remove[^]*Done/, 'Enter');
    await answer(/Accounts[^]*Done \(agents use/, 'Up', 'Enter');
    await answer(/Short name of the account/, 'work', 'Enter');
    await answer(/E-mail address/, 'me@example.com', 'Enter');
    await answer(/Password for/, 'canary-of-setup', 'Enter');
    await answer(/work \(me@example\.com\)[^]*Done/, 'Enter');
    await sees(/box: online, .* CPUs/);
    await sees(/work \(cat\): not managed/);
    await answer(/Adopt which of them/, 'Space', 'Enter');
    await sees(/adopted as cockpit-work/);
    await answer(/Wake its agents/, 'n', 'Enter');
    await answer(/May a login of yours/, 'Down', 'Enter');
    await answer(/When an agent launches/, 'Enter');
    await sees(/Not logged in yet: work\. `cockpit login-accounts --headless`/);
    await sees(/Setup is done/);
    assert.equal(await ended(), 0);
    assert.match(remote('list-sessions', '-F', '#{session_name}'), /^cockpit-work$/m);
    assert.match(await config(), /hosts:\n {2}- alias: box\n {4}wake: false\n {4}remote_auth: allow\naccounts:\n {2}- key: work\n {4}email: me@example\.com\n/);
    assert.equal((await stat(cockpit.paths.config)).mode & 0o777, 0o600);
    assert.match(await readFile(cockpit.paths.secrets, 'utf8'), /^passwords:\n {2}work: canary-of-setup$/m);
    assert.doesNotMatch(await config(), /canary/);
    assert.equal(sshd.logins(), 1);
  });

  it('CONF-2 CONF-4 setup again opens with what is there, edits and removes, and keeps comments and order', async () => {
    await writeFile(cockpit.paths.config, `# mine\n${await config()}max_agents: 3 # enough\n`);
    await run('setup');
    await answer(/box {2}edit or remove/, 'Up', 'Enter');
    await answer(/Name of the host/, 'other', 'Enter');
    await answer(/ssh is called with \(other\)/, 'spare', 'Enter');
    await answer(/other \(ssh spare\)/, 'Enter');
    await answer(/Accounts[^]*work \(me@/, 'Up', 'Up', 'Enter');
    await answer(/Remove it from cockpit/, 'Down', 'Enter');
    await answer(/Accounts[^]*Done \(agents use/, 'Enter');
    await answer(/Wake its agents/, 'C-c');
    await sees(/Setup ended early/);
    assert.equal(await ended(), 1);
    const text = await config();
    assert.match(text, /^# mine\n/);
    assert.match(text, /max_agents: 3 # enough\n/);
    assert.match(text, / {2}- alias: box\n {4}wake: false\n {4}remote_auth: allow\n {2}- alias: other\n {4}ssh_target: spare\n/);
    assert.doesNotMatch(text, /me@example/);
    assert.doesNotMatch(await readFile(cockpit.paths.secrets, 'utf8'), /canary/);
  });

  it('CONF-3 CONF-4 a wrong file is not touched: every problem with its place, exit code 2', async () => {
    const wrong = 'hosts:\n  - alais: box\n';
    const good = await config();
    await writeFile(cockpit.paths.config, wrong);
    await run('setup');
    await sees(/config\.yaml:2:5: /);
    assert.equal(await ended(), 2);
    assert.equal(await config(), wrong);
    await writeFile(cockpit.paths.config, good);
  });
});
