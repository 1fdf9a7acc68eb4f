import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { logIn, type LogInOptions } from '../../../src/cli/accounts/logIn.ts';
import { readConfig } from '../../../src/cli/configEdit.ts';
import { HumanError } from '../../../src/supervisor/base/errors.ts';
import { startChild } from '../../support/child.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import type { GoogleAccount } from '../../support/login/account.ts';
import { startLoginSite, type LoginSite } from '../../support/login/site.ts';
import { watchChildren } from '../../support/login/watch.ts';
import { descendantsOf } from '../../support/processTree.ts';
import { openTerminal } from '../../support/terminal.ts';
import { until } from '../../support/until.ts';

const work: GoogleAccount = { email: 'work@example.com', password: 'canary of work' };
const spare: GoogleAccount = { email: 'spare@example.com', password: 'canary of the spare one' };
const auth = z.object({ tokens: z.object({ refresh_token: z.string() }) });
const unattended: LogInOptions = { way: 'browser', headless: true, attended: false, byHand: false };

describe('login-accounts', function () {
  this.timeout(120_000);
  let site: LoginSite | null = null;
  let cockpit: CockpitFixture | null = null;

  afterEach(async () => {
    await cockpit?.dispose();
    await site?.stop();
    cockpit = null;
    site = null;
  });

  const open = async (accounts: Record<string, GoogleAccount>, { stored = {}, env = {} }: { stored?: Record<string, string>; env?: NodeJS.ProcessEnv } = {}) => {
    site = await startLoginSite(Object.values(accounts));
    cockpit = await cockpitFixture({ ...site.env, ...env });
    await cockpit.writeConfig({ codex_config: site.codexConfig, accounts: Object.entries(accounts).map(([key, { email, password }]) => ({ key, email, password: stored[key] ?? password })) });
    return { site, cockpit };
  };
  /** Logs in as the command does, with other options; `said` takes what it tells a person. */
  const direct = async ({ paths, env }: CockpitFixture, key: string, options: Partial<LogInOptions>, said: string[] = []) => {
    const config = await readConfig(paths);
    const account = config?.accounts.find((row) => row.key === key);
    assert.ok(config && account);
    await logIn(account, { ...unattended, ...options }, { paths, config, env, say: (line) => said.push(line), signal: AbortSignal.timeout(60_000) });
  };
  const refreshToken = async ({ paths }: CockpitFixture, key: string) => auth.parse(JSON.parse(await readFile(join(paths.accounts, key, 'auth.json'), 'utf8'))).tokens.refresh_token;
  const visitsTo = ({ visits }: LoginSite, path: RegExp) => visits.filter((visit) => path.test(visit)).length;
  const filesBelow = async (dir: string) => (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

  it('ACCT-5 ACCT-1 CONF-6 logs two accounts in, each in its own browser profile; the passwords are in no argv, environment, file or output', async () => {
    const opened = await open({ work, spare }, { env: { COCKPIT_OTHER: 'canary of the environment', OPENAI_API_KEY: 'canary of the environment', DEBUG: 'pw:*' } });
    const [node = '', ...args] = opened.cockpit.argv('login-accounts', '--headless');
    const watch = watchChildren(process.pid, 'canary of the environment');
    const { error, output } = await new Promise<{ error: Error | null; output: string }>((resolve) => {
      execFile(node, args, { env: opened.cockpit.env }, (error, stdout, stderr) => { resolve({ error, output: stdout + stderr }); });
    });
    await watch.stop();
    assert.equal(error, null, output);
    assert.match(output, /work: logged in as work@example\.com\.\n[^]*spare: logged in as spare@example\.com\.\n/);
    assert.equal(await refreshToken(opened.cockpit, 'work'), 'refresh-work@example.com');
    assert.equal(await refreshToken(opened.cockpit, 'spare'), 'refresh-spare@example.com');
    assert.equal((await stat(join(opened.cockpit.paths.accounts, 'work', 'auth.json'))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(opened.cockpit.paths.accounts, 'work')), ['auth.json']);
    assert.equal(visitsTo(opened.site, /accountchooser/), 0, 'the second profile knows nothing of the first');

    const lines = [...watch.commandLines];
    assert.ok(lines.some((line) => /app-server/.test(line)) && lines.some((line) => /--type=renderer/.test(line)), 'Codex and Chromium were seen');
    assert.doesNotMatch(lines.join('\n'), /canary/);
    assert.deepEqual([...watch.holders].filter((line) => !line.includes('login-accounts')), []);
    assert.doesNotMatch(output, /canary/);
    for (const file of await filesBelow(opened.cockpit.dir)) {
      const bytes = await readFile(file);
      const holds = [work, spare].some(({ password }) => bytes.includes(password) || bytes.includes(Buffer.from(password, 'utf16le')));
      assert.equal(holds, file === opened.cockpit.paths.config, file);
    }

    assert.match(await opened.cockpit.must('login-accounts', '--headless'), /work: is logged in as work@example\.com/);
    await opened.cockpit.must('login-accounts', '--headless', 'work');
    assert.equal(visitsTo(opened.site, /accountchooser/), 1, 'its profile still knows it');
    await opened.cockpit.must('account', 'remove', 'work');
    assert.deepEqual(await readdir(join(opened.cockpit.paths.login, 'profiles')), ['spare']);
  });

  it('ACCT-4 ACCT-5 a supervisor that runs learns of a login at once, so that who waits for the account goes on', async () => {
    const opened = await open({ spare });
    const state = async () => (await opened.cockpit.status()).accounts.map((account) => account.state);
    await opened.cockpit.must('up', '--no-attach');
    await until(async () => (await state()).join() === 'logged-out', { what: 'the account is not logged in' });
    await opened.cockpit.must('login-accounts', '--headless');
    await until(async () => (await state()).join() === 'ready', { what: 'the account is ready' });
  });

  it('ACCT-5 CONF-6 a wrong password is tried once, somebody else is not let in, the next account still gets its turn', async () => {
    const opened = await open({ work, other: { ...spare, email: 'other@example.com', becomes: 'stranger@example.com' }, spare }, { stored: { work: 'canary that is wrong' } });
    const { exitCode, stdout, stderr } = await opened.cockpit.cli('login-accounts', '--headless');
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /work: Google says that the password is wrong/);
    assert.match(stderr, /other: The browser logged in stranger@example\.com, not other@example\.com; nothing was changed/);
    assert.match(stderr, /Not logged in: work, other\./);
    assert.match(stdout, /spare: logged in/);
    assert.doesNotMatch(stdout + stderr, /canary/);
    assert.equal(visitsTo({ ...opened.site, visits: opened.site.visits.slice(0, opened.site.visits.findLastIndex((visit) => /log-in/.test(visit))) }, /challenge\/pwd/), 4, 'asked and tried once per account');
    const pictures = join(opened.cockpit.paths.login, 'pictures');
    assert.equal((await stat(pictures)).mode & 0o777, 0o700);
    assert.match((await readdir(pictures)).join(' '), /^work-\S+\.png$/);
    for (const key of ['work', 'other']) assert.deepEqual(await readdir(join(opened.cockpit.paths.accounts, key)), []);
    assert.match(await opened.cockpit.must('doctor'), /work +not logged in[^]*login-accounts work[^]*spare +logged in as spare@example\.com/);
  });

  it('CONF-6 passwords that come through stdin count before those that are kept, and are in no file, argv or error', async () => {
    const opened = await open({ work, spare }, { stored: { work: 'canary that is wrong', spare: 'canary that is wrong' } });
    const withPasswords = async (input: string) => {
      const [node = '', ...args] = opened.cockpit.argv('login-accounts', '--headless', '--passwords-stdin', 'work');
      return await new Promise<{ exitCode: unknown; output: string }>((resolve) => {
        execFile(node, args, { env: opened.cockpit.env }, (error, stdout, stderr) => { resolve({ exitCode: error?.code ?? 0, output: stdout + stderr }); }).stdin?.end(input);
      });
    };
    for (const wrong of ['', '"canary"', '{"work": ["canary"]}', '{"canary": "canary"}', '{"work": "canary\\n"}']) {
      const refused = await withPasswords(wrong);
      assert.equal(refused.exitCode, 2, refused.output);
      assert.match(refused.output, /--passwords-stdin takes one JSON object/);
      assert.doesNotMatch(refused.output, /canary/);
    }
    const { exitCode, output } = await withPasswords(JSON.stringify({ work: work.password }));
    assert.equal(exitCode, 0, output);
    assert.equal(await refreshToken(opened.cockpit, 'work'), 'refresh-work@example.com');
    for (const file of await filesBelow(opened.cockpit.dir)) assert.ok(!(await readFile(file)).includes(work.password), file);
  });

  it('ACCT-5 one more proof: without a person it stops and says what to do, with one it waits and goes on', async () => {
    const opened = await open({ work: { ...work, phone: true } });
    const { exitCode, stderr } = await opened.cockpit.cli('login-accounts', '--headless');
    assert.equal(exitCode, 1);
    assert.match(stderr, /one more proof[^]*login-accounts work` without --headless[^]*pictures\/work-/);
    const said: string[] = [];
    const going = direct(opened.cockpit, 'work', { attended: true }, said);
    await Promise.race([going, until(() => said.length > 0, { timeoutMs: 40_000, what: 'the person is told' })]);
    assert.match(said.join('\n'), /one more proof[^]*Do it in the browser/);
    opened.site.tap();
    await going;
    assert.equal(said.length, 1);
    assert.equal(await refreshToken(opened.cockpit, 'work'), 'refresh-work@example.com');
  });

  it('ACCT-5 a browser that is killed or closed ends the login at once, and nothing is left', async () => {
    const opened = await open({ work: { ...work, phone: true } });
    const said: string[] = [];
    const going = direct(opened.cockpit, 'work', { attended: true }, said);
    await Promise.race([going, until(() => said.length > 0, { timeoutMs: 40_000, what: 'the person is told' })]);
    const browser = descendantsOf(process.pid).find(({ commandLine }) => commandLine.includes(opened.cockpit.paths.login) && !commandLine.includes('--type='));
    assert.ok(browser);
    process.kill(browser.pid, 'SIGKILL');
    await assert.rejects(going, (error) => error instanceof HumanError && error.code === 'browser-closed' && !/canary/.test(error.message));
    assert.deepEqual(await readdir(join(opened.cockpit.paths.accounts, 'work')), []);
  });

  it('ACCT-5 --device enters the code and logs in with the same browser; --by-hand prints page and code and waits', async () => {
    const opened = await open({ work, spare });
    assert.match(await opened.cockpit.must('login-accounts', '--headless', '--device', 'work'), /work: logged in/);
    assert.equal(await refreshToken(opened.cockpit, 'work'), 'refresh-work@example.com');
    const [node = '', ...args] = opened.cockpit.argv('login-accounts', '--device', '--by-hand', 'spare');
    const child = startChild(node, args, { env: opened.cockpit.env });
    try {
      await until(() => child.lines.some((line) => /codex\/device in a browser on any machine, enter the code ABCD-EFGHI and log in as spare/.test(line)), { timeoutMs: 20_000 });
      opened.site.approveDevice(spare.email);
      await until(() => child.lines.includes('spare: logged in as spare@example.com.'), { timeoutMs: 20_000 });
    } finally {
      await child.kill();
    }
    assert.equal(await refreshToken(opened.cockpit, 'spare'), 'refresh-spare@example.com');
  });

  it('ACCT-5 CONF-6 a page that nobody described: it stops, guesses nothing, and the picture shows no field and no secret', async () => {
    const opened = await open({ work: { ...work, surprise: 'fields' }, spare: { ...spare, surprise: 'fields' }, told: { ...spare, email: 'told@example.com', surprise: 'text' } });
    const stops = async (key: string, words: RegExp) => {
      await assert.rejects(direct(opened.cockpit, key, { patience: { unknownMs: 1_000 } }), (error) => error instanceof HumanError && error.code === 'login-unknown-page' && words.test(error.message) && !/canary/.test(error.message));
    };
    await stops('work', /accounts\.google\.com\/news is not known/);
    await stops('spare', /is not known/);
    await stops('told', /No picture was kept: the page shows a secret/);
    const pictures = (await filesBelow(join(opened.cockpit.paths.login, 'pictures'))).sort();
    assert.equal(pictures.length, 2);
    const [first, second] = await Promise.all(pictures.map((path) => readFile(path)));
    assert.ok(first && second && first.equals(second), 'two passwords give the same picture');
  });

  it('ACCT-5 Ctrl-C ends it in one line, and nothing is left', async () => {
    const opened = await open({ work });
    const terminal = await openTerminal(opened.cockpit.argv('login-accounts', '--by-hand'), { env: opened.cockpit.env });
    try {
      await terminal.shows(/Waiting for it; Ctrl-C ends it/);
      await terminal.key('C-c');
      assert.equal(await terminal.ended(), 1);
      await terminal.shows(/cockpit: Ended; accounts that were logged in are kept/);
    } finally {
      await terminal.close();
    }
    assert.deepEqual(await readdir(join(opened.cockpit.paths.accounts, 'work')), []);
  });

  it('ACCT-5 CTL-3 without a browser or a screen it says how to get one or do without, exit code 2', async () => {
    const opened = await open({ work });
    const noScreen = await opened.cockpit.cli('login-accounts');
    assert.equal(noScreen.exitCode, 2);
    assert.match(noScreen.stderr, /--headless[^]*--device --by-hand/);
    await assert.rejects(direct({ ...opened.cockpit, env: { ...opened.cockpit.env, COCKPIT_BROWSER: '/nonexistent' } }, 'work', {}), (error) => error instanceof HumanError && error.exitCode === 2 && /apt install chromium[^]*--by-hand/.test(error.message));
  });
});
