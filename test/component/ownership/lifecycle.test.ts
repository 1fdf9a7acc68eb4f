import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { grantClient, makeInstall, type GrantClient, type Install } from '../../support/ownership/install.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('ownership over the life of supervisors', function () {
  this.timeout(60_000);
  let tmux: TmuxFixture;
  let other: TmuxFixture;
  let install: Install;
  const clients: GrantClient[] = [];
  const noCodex = { max_agents: 0, codex_path: '/nonexistent/codex' };
  const hostOf = (alias: string, { socket }: TmuxFixture) => ({ alias, transport: 'local' as const, tmux_socket: socket });

  beforeEach(async () => {
    tmux = await startTmux();
    other = await startTmux();
    install = await makeInstall({ hosts: [hostOf('box', tmux), hostOf('far', other)], ...noCodex });
    await install.start();
    await keep((row) => row.owner === 'agent', 'the agent owns');
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await install.kill();
    await install.dispose();
    await tmux.stop();
    await other.stop();
  });

  const keep = (wanted: Parameters<Install['session']>[1], what: string) => install.session('cockpit-keep', wanted, what);
  const select = async (host: string, session: string | null, focus: 'remote' | 'agent' | null) => (await install.client()).request('select', { host, session, focus });
  const grant = async (session = 'box/cockpit-keep') => {
    const client = await grantClient(JSON.parse(await install.fixture.must('grant', session, '--json')) as { url: string; token: string });
    clients.push(client);
    return client;
  };
  const markOf = async (server: TmuxFixture, session: string) => (await server.run('display-message', '-p', '-t', `${session}:`, '#{@cockpit_owner} #{@cockpit_epoch}')).replace(/:\w+/, '');
  const shows = async (text: string) => (await tmux.run('capture-pane', '-p', '-J', '-t', 'cockpit-keep:')).includes(text);

  it('OWN-4 a write behind a claim and a release is stale until its reader has looked again', async () => {
    const agent = await grant();
    assert.equal((await agent.send('BLIND', true)).reason, 'stale-epoch', 'never looked');
    await agent.look();
    assert.equal((await agent.send('FIRST', true)).outcome, 'accepted');
    await select('box', null, 'remote');
    await keep((row) => row.owner === 'human', 'claimed');
    assert.equal((await agent.send('CLAIMED', true)).reason, 'human-owns');
    await select('box', null, 'agent');
    await keep((row) => row.owner === 'agent', 'released');
    for (let round = 0; round < 3; round++) assert.equal((await agent.send('STALE', true)).reason, 'stale-epoch');
    await agent.look();
    assert.equal((await agent.send('FRESH', true)).outcome, 'accepted');
    await until(() => shows('FRESH'));
    for (const text of ['BLIND', 'CLAIMED', 'STALE']) assert.equal(await shows(text), false, text);
    const rows = (await install.audit()).filter((row) => row.tool === 'send_text');
    assert.deepEqual(rows.map((row) => `${String(row.outcome)} ${String(row.reason)}`), ['refused stale-epoch', 'accepted null', 'refused human-owns', ...Array<string>(3).fill('refused stale-epoch'), 'accepted null']);
  });

  it('OWN-7 a claim between text and Enter makes the row partial, and Enter does not come', async () => {
    const agent = await grant();
    await agent.look();
    // The claim of another cockpit's operator, put right behind the paste by tmux itself.
    await tmux.run('set-hook', '-t', 'cockpit-keep', 'after-paste-buffer', "set-option @cockpit_owner human:other ; set-option -F @cockpit_epoch '#{e|+|:#{@cockpit_epoch},1}'");
    const sent = await agent.send('echo PARTIAL-$((20+22))', true);
    assert.deepEqual([sent.outcome, sent.reason], ['partial', 'foreign-owner']);
    const rows = (await install.audit()).filter((row) => row.tool === 'send_text');
    assert.deepEqual(rows.map((row) => row.outcome), ['partial']);
    assert.equal(rows[0]?.id, sent.auditId);
  });

  it('OWN-7 what a person and cockpit itself do at a remote has exactly one row each', async () => {
    const client = await install.client();
    const rows = async () => (await install.audit()).map(({ tool, actor, session, outcome }) => `${tool} ${actor} ${session} ${String(outcome)}`);
    const gained = async (...wanted: string[]) => {
      const before = taken;
      const seen = await until(async () => { const all = await rows(); return all.length >= before + wanted.length && !all.some((row) => row.endsWith('null')) ? all : null; }, { what: wanted.join() });
      assert.deepEqual(seen.slice(before).toSorted(), wanted.toSorted());
      taken = seen.length;
    };
    let taken = 0;
    await install.session('cockpit-keep', (row) => row.owner === 'agent', 'the agent owns');
    await gained('supervise supervisor box/$0 accepted', 'supervise supervisor far/$0 accepted');
    await select('box', null, 'remote');
    await keep((row) => row.owner === 'human', 'claimed');
    await gained('claim human box/$0 accepted');
    await select('box', null, 'agent');
    await keep((row) => row.owner === 'agent', 'released');
    await gained('give-back human box/$0 accepted');
    const { id } = await client.request('session/new', { host: 'box', name: 'made', dir: null, prompt: null });
    await install.session('cockpit-made', (row) => row.owner === 'agent', 'made');
    await gained('new human box/cockpit-made accepted', `supervise supervisor box/${id} accepted`);
    await client.request('session/kill', { session: 'box/cockpit-made' });
    await gained(`kill human box/${id} accepted`);
    await tmux.newSession('mine');
    const adopted = await client.request('session/adopt', { session: 'box/mine' });
    await install.session(adopted.name, (row) => row.owner === 'agent', 'adopted');
    await gained(`adopt human box/${adopted.id} accepted`, `supervise supervisor box/${adopted.id} accepted`);
    await client.request('session/release', { session: `box/${adopted.id}` });
    await gained(`release human box/${adopted.id} accepted`);
    await assert.rejects(client.request('session/new', { host: 'box', name: 'keep', dir: null, prompt: null }));
    await gained('new human box/cockpit-keep refused');
  });

  it('OWN-6 changing session or host moves the claim along and releases the old one', async () => {
    await tmux.newSession('cockpit-two');
    await install.session('cockpit-two', (row) => row.owner === 'agent', 'a second session');
    await select('box', null, 'remote');
    await until(async () => (await markOf(tmux, 'cockpit-keep')).startsWith('human'), { what: 'claimed by focus' });
    await (await install.client()).request('ctl', { control: 'next-session' });
    await until(async () => (await markOf(tmux, 'cockpit-two')).startsWith('human') && (await markOf(tmux, 'cockpit-keep')).startsWith('agent'), { what: 'moved to the next session' });
    await install.fixture.must('ctl', 'next-host');
    await until(async () => (await markOf(other, 'cockpit-keep')).startsWith('human') && (await markOf(tmux, 'cockpit-two')).startsWith('agent'), { what: 'moved to the next host' });
    await install.fixture.must('ctl', 'toggle-focus');
    await until(async () => (await markOf(other, 'cockpit-keep')).startsWith('agent'), { what: 'released' });
  });

  it('OWN-6 on an empty host in remote focus the first session that returns is claimed', async () => {
    await select('box', null, 'remote');
    await keep((row) => row.owner === 'human', 'claimed');
    await tmux.run('new-session', '-d', '-s', 'unmanaged', 'exec cat');
    await tmux.run('kill-session', '-t', '=cockpit-keep');
    await until(async () => (await install.status()).hosts[0]?.sessions.length === 0, { what: 'the host is empty' });
    await tmux.newSession('cockpit-back');
    const session = await install.session('cockpit-back', (row) => row.owner === 'human', 'claimed at once');
    assert.ok((session.epoch ?? 0) >= 1);
  });

  it('OWN-3 REL-1 the epoch only grows over kill -9 and a restored older database', async () => {
    const epochs: number[] = [];
    const next = async () => {
      await (await install.client()).request('ctl', { control: 'toggle-focus' });
      const { focus } = (await install.status()).selected;
      const row = await keep(({ owner, epoch }) => owner === (focus === 'remote' ? 'human' : 'agent') && epoch !== epochs.at(-1), 'the owner changed');
      epochs.push(row.epoch ?? -1);
    };
    await next();
    await install.kill();
    const { stateDb } = install.fixture.paths;
    const saved = join(install.fixture.dir, 'saved.db');
    for (const suffix of ['', '-wal']) copyFileSync(stateDb + suffix, saved + suffix);
    await install.start();
    for (let round = 0; round < 4; round++) await next();
    await install.kill();
    rmSync(`${stateDb}-shm`, { force: true });
    for (const suffix of ['', '-wal']) copyFileSync(saved + suffix, stateDb + suffix);
    await install.start();
    await keep((row) => row.epoch !== null && row.epoch >= (epochs.at(-1) ?? 0), 'read again from the remote');
    for (let round = 0; round < 2; round++) await next();
    assert.deepEqual(epochs, epochs.toSorted((a, b) => a - b));
    assert.equal(new Set(epochs).size, epochs.length);
    assert.match(await install.fixture.must('audit', 'verify'), /chain unbroken/);
  });

  it('DISC-5 OWN-3 a restarted tmux server with the same session id takes no write of the old life, and the epoch goes on', async () => {
    const agent = await grant();
    const { epoch } = await agent.look();
    await tmux.run('kill-server');
    await until(async () => (await install.status()).hosts[0]?.sessions.length === 0, { what: 'the sessions are gone' });
    // tmux may still be on its way out.
    await until(() => tmux.newSession('cockpit-keep', 'exec cat'), { what: 'the server is back' });
    const row = await keep(({ owner }) => owner === 'agent', 'adopted again');
    assert.equal(row.id, '$0', 'the same id');
    assert.ok((row.epoch ?? 0) > (epoch ?? Infinity), `epoch ${String(row.epoch)} behind ${String(epoch)}`);
    assert.equal((await agent.send('OLD LIFE', true)).reason, 'server-restarted');
    await agent.look();
    assert.equal((await agent.send('NEW LIFE', true)).outcome, 'accepted');
    await until(() => shows('NEW LIFE'));
    assert.equal(await shows('OLD LIFE'), false);
  });

  it('OWN-8 with a full disk agents are refused, and the human claims as ever', async () => {
    const agent = await grant();
    await agent.look();
    assert.equal((await agent.send('BEFORE', true)).outcome, 'accepted');
    const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(install.pid), `--fsize=${bytes}:unlimited`]);
    limit('1');
    const refused = await agent.send('FULL', true);
    assert.deepEqual([refused.outcome, refused.reason, refused.auditId], ['refused', 'audit-unavailable', null]);
    await select('box', null, 'remote');
    await keep((row) => row.owner === 'human', 'claimed all the same');
    await install.fixture.must('take-over', 'box/cockpit-keep');
    await keep((row) => row.owner === 'human', 'taken over, and claimed again');
    await select('box', null, 'agent');
    await keep((row) => row.owner === 'agent', 'released all the same');
    await agent.look();
    assert.equal((await agent.send('STILL FULL', true)).reason, 'audit-unavailable');
    limit('unlimited');
    const owners = async () => (await install.audit()).filter((row) => row.kind !== 'write').map(({ tool, outcome }) => `${tool} ${String(outcome)}`);
    await until(async () => (await owners()).length >= 6, { timeoutMs: 20_000, what: 'what waited is in the audit' });
    assert.deepEqual((await owners()).slice(-4), ['claim accepted', 'take-over accepted', 'claim accepted', 'give-back accepted']);
    assert.equal((await agent.send('AFTER', true)).outcome, 'accepted', 'goes on without a restart');
    await until(() => shows('AFTER'));
    assert.equal(await shows('FULL'), false);
    assert.match(await install.fixture.must('audit', 'verify'), /chain unbroken/);
  });

  it('REL-3 a second supervisor of the same data directory gives way, and up joins the first', async () => {
    const second = await install.fixture.cli('supervise');
    assert.deepEqual([second.exitCode, /another supervisor/.test(second.stdout)], [0, true]);
    await install.fixture.must('up', '--no-attach');
    assert.equal((await install.status()).supervisor.pid, install.pid);
  });
});
