import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { connect } from '../mcp/mcpClient.ts';
import { SessionClient } from '../session/sessionFixture.ts';
import { personAt, type Person } from '../terminal/person.ts';

const run = promisify(execFile);

/** What a person's terminal may send: text, UTF-8, arrows and function keys, Meta, controls, focus, the prefix with a command, a root binding, a paste, and the mouse. */
const typed = ['a', 'Z;', 'ä漢', '\u001b[A', '\u001bOP', '\u001b[1;5C', '\u001b[Z', '\u001bx', '\t', '\r', '\u0003', '\u0014', '\u001b[I', '\u001b[O', '\u001b[200~pasted text\nsecond\u001b[201~', 'a longer text at once', '\u001b[<0;5;5M', '\u001b[<32;6;6M', '\u001b[<0;6;6m', '\u001b[<64;5;5M', '\u0002T', 'end'];

describe('claim_on_any_key', function () {
  this.timeout(90_000);
  let sshd: SshdFixture;
  let socket: string;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;
  let tools: SessionClient;
  let work: SessionId;
  const people: Person[] = [];

  before(async () => {
    sshd = await startSshd();
    socket = join(sshd.dir, 't.sock');
    work = await session('cockpit-work');
    await session('plain');
    await session('cockpit-other');
    // Keys that come at once count as a paste else, which no binding sees.
    await tmux('set-option', '-g', 'assume-paste-time', '0');
    await tmux('bind-key', '-n', 'C-t', 'set-option', '-g', '@root', 'yes');
    await tmux('bind-key', 'T', 'set-option', '-g', '@prefixed', 'yes');
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await configure(false);
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
    await fleet.session('box', 'cockpit-other', ({ owner }) => owner === 'agent');
    await fleet.session('box', 'cockpit-work', ({ owner }) => owner === 'agent');
    await cockpit.must('open', 'box/other', '--focus', 'agent');
    const { url, token } = await fleet.client.request('grant/create', { session: 'box/work', ttlMs: null });
    tools = new SessionClient(await connect(url, token));
    await tools.client.listTools();
  });

  after(async () => {
    for (const person of people) await person.close();
    await tools.client.close();
    fleet.dispose();
    await cockpit.dispose();
    await sshd.stop();
  });

  const tmux = async (...args: string[]) => (await run('tmux', ['-u', '-f', '/dev/null', '-S', socket, ...args], { env: { ...process.env, TMUX: undefined, HOME: sshd.home } })).stdout.trim();
  const logOf = (name: string) => join(sshd.dir, `${name}.log`);
  const session = (name: string) => tmux('new-session', '-d', '-P', '-F', '#{session_id}', '-x', '80', '-y', '24', '-s', name, `stty raw -echo; printf '\\033[?2004h\\033[?1002h\\033[?1006h'; exec cat >'${logOf(name)}'`) as Promise<SessionId>;
  const configure = (isOn: boolean) => cockpit.writeConfig({ hosts: [{ alias: 'box', tmux_socket: socket, wake: false, claim_on_any_key: isOn }], max_agents: 0 });
  const keyTable = (name: string) => tmux('show-options', '-qv', '-t', name, 'key-table');
  const tableIsThere = async () => (await tmux('list-keys', '-a').catch(() => '')).includes('cockpit-any') || (await tmux('list-keys', '-T', 'cockpit-any').catch(() => '')) !== '';
  const attach = async (name: string) => {
    const person = await personAt(90, 30, ['tmux', '-u', '-S', socket, 'attach', '-t', name], { PATH: process.env['PATH'], HOME: sshd.home, LANG: 'C.UTF-8' });
    people.push(person);
    await until(async () => (await tmux('list-clients', '-t', name, '-F', '#{client_control_mode}')).split('\n').includes('0'), { what: 'the person is attached' });
    return person;
  };
  const read = (name: string) => readFile(logOf(name), 'utf8').catch(() => '');
  const send = async (text: string) => (await tools.call('send_text', { text, submit: false })).outcome;
  const rows = async () => (await fleet.client.request('audit/list', { session: 'box/work', limit: 100, sinceSeq: 0 })).actions.filter(({ tool, detail }) => tool === 'claim' && JSON.stringify(detail).includes('a key at the remote')).map(({ outcome }) => outcome);

  it('OWN-6 off, which is the default: nothing of it is at the host, and typing there claims nothing', async () => {
    const person = await attach('cockpit-work');
    await person.type('quiet');
    await until(async () => (await read('cockpit-work')).includes('quiet'));
    assert.equal(await keyTable('cockpit-work'), '');
    await tools.call('session_status');
    assert.equal(await send('x'), 'accepted');
  });

  it('OWN-6 OWN-2 on: a key that a plain tmux client types claims, before it arrives; the agent\'s write that was under way is refused, the view stays, the audit has it', async () => {
    await configure(true);
    await cockpit.must('up', '--no-attach');
    await until(async () => (await keyTable('cockpit-work')) === 'cockpit-any', { what: 'the key table' });
    assert.equal(await keyTable('plain'), '');
    await tools.call('session_status');
    const before = await read('cockpit-work');
    await people[0]?.type('k');
    await until(async () => (await read('cockpit-work')) === `${before}k`, { what: 'the key arrives' });
    assert.equal(await send('never'), 'refused');
    assert.match((await tools.call('send_text', { text: 'never' })).explanation, /operator owns/);
    assert.equal(await read('cockpit-work'), `${before}k`);
    await fleet.session('box', 'cockpit-work', ({ owner }) => owner === 'human');
    const status = await fleet.status();
    assert.deepEqual([status.selected.session, status.selected.focus], [(await fleet.session('box', 'cockpit-other', () => true)).id, 'agent']);
    assert.equal((await fleet.session('box', 'cockpit-other', () => true)).owner, 'agent');
    assert.deepEqual(await rows(), ['accepted']);
  });

  it('OWN-6 it is given back by giving the agent the focus there, and holds until then; on view in remote focus it is a claim like any other', async () => {
    const { epoch } = await fleet.session('box', 'cockpit-work', ({ owner }) => owner === 'human');
    await fleet.client.request('reload', { sshAuthSock: null });
    await cockpit.must('ctl', 'next-session');
    await cockpit.must('ctl', 'next-session');
    assert.equal((await fleet.session('box', 'cockpit-work', () => true)).epoch, epoch, 'still the same claim');
    await cockpit.must('open', 'box/work', '--focus', 'agent');
    await fleet.session('box', 'cockpit-work', ({ owner }) => owner === 'agent');
    await tools.call('session_status');
    assert.equal(await send('again'), 'accepted');
    await cockpit.must('open', 'box/other');
    await people[0]?.type('k');
    await fleet.session('box', 'cockpit-work', ({ owner }) => owner === 'human');
    await cockpit.must('open', 'box/work', '--focus', 'remote');
    await until(async () => (await tmux('show-options', '-qv', '-t', 'cockpit-work', '@cockpit_typed')) !== (await tmux('show-options', '-qv', '-t', 'cockpit-work', '@cockpit_epoch')), { what: 'an ordinary claim' });
    await cockpit.must('ctl', 'toggle-focus');
    await fleet.session('box', 'cockpit-work', ({ owner }) => owner === 'agent');
    await cockpit.must('open', 'box/other');
  });

  it('OWN-6 every key arrives as it would without: text, UTF-8, functions, Meta, prefix, root bindings, paste and mouse; the mouse claims nothing', async () => {
    await tmux('kill-session', '-t', 'cockpit-work');
    work = await session('cockpit-work');
    await until(async () => (await keyTable('cockpit-work')) === 'cockpit-any', { what: 'a new session has the table too' });
    await fleet.session('box', 'cockpit-work', ({ id, owner }) => id === work && owner === 'agent');
    const [one, two] = [await attach('cockpit-work'), await attach('plain')];
    await one.mouse(0, 3, 3);
    await one.mouse(0, 3, 3, true);
    await until(async () => (await read('cockpit-work')).includes('\u001b[<0;3;3m'), { what: 'the mouse arrives' });
    assert.match(await tmux('show-options', '-qv', '-t', 'cockpit-work', '@cockpit_owner'), /^agent:/);
    await two.mouse(0, 3, 3);
    await two.mouse(0, 3, 3, true);
    for (const person of [one, two]) for (const bytes of typed) await person.type(bytes);
    await until(async () => (await read('plain')).endsWith('end'), { what: 'the last key' });
    await until(async () => (await read('cockpit-work')).endsWith('end'), { what: 'the last key there too' });
    assert.equal(await read('cockpit-work'), await read('plain'));
    assert.deepEqual([await tmux('show-options', '-gv', '@root'), await tmux('show-options', '-gv', '@prefixed')], ['yes', 'yes']);
    assert.match(await tmux('show-options', '-qv', '-t', 'cockpit-work', '@cockpit_owner'), /^human:/);
  });

  it('OWN-6 turned off, taken down, renamed away: the table and the option are gone again, also after kill -9', async () => {
    await tmux('rename-session', '-t', 'cockpit-other', 'mine');
    await until(async () => (await keyTable('mine')) === '', { what: 'a session that is not managed any more has its keys back' });
    await tmux('rename-session', '-t', 'mine', 'cockpit-other');
    await until(async () => (await keyTable('cockpit-other')) === 'cockpit-any', { what: 'and again' });
    await cockpit.killSupervisor();
    await configure(false);
    await cockpit.must('up', '--no-attach');
    await until(async () => (await keyTable('cockpit-other')) === '' && !(await tableIsThere()), { what: 'off after kill -9', timeoutMs: 20_000 });
    assert.equal(await tmux('show-options', '-qv', '-t', 'cockpit-work', '@cockpit_typed'), '');
    await configure(true);
    await cockpit.must('up', '--no-attach');
    await until(async () => (await keyTable('cockpit-other')) === 'cockpit-any', { what: 'on again' });
    await cockpit.must('down');
    assert.deepEqual([await keyTable('cockpit-other'), await keyTable('cockpit-work'), await tableIsThere()], ['', '', false]);
  });
});
