import assert from 'node:assert/strict';
import { mkdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Agent } from '../../../src/supervisor/adapters/codex/agent.ts';
import { readRecord } from '../../../src/supervisor/adapters/codex/processRecord.ts';
import { codexFixture, processesOf, type CodexFixture } from '../../support/codex.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;

describe('life of an agent', () => {
  let fixture: CodexFixture;
  before(async () => {
    fixture = await codexFixture();
  });
  after(async () => {
    await fixture.dispose();
  });

  const pidOf = async (home: string) => {
    const record = await readRecord(join(home, 'app-server.pid'));
    assert.ok(record, 'no app-server is recorded');
    return record.pid;
  };
  const killServer = async (home: string) => {
    const pid = await pidOf(home);
    process.kill(pid, 'SIGKILL');
    return pid;
  };
  const isIdle = (agent: Agent) => until(() => agent.status.state === 'idle', { what: 'the agent is idle' });

  it('PAIR-2 a thread is kept though no turn ever ran, over kill -9 of Codex', async () => {
    const spec = fixture.spec('fresh');
    const agent = fixture.agent(spec);
    const states: string[] = [];
    agent.onDidChange((status) => states.push(status.state));
    await agent.start(never);
    const { threadId } = agent.status;
    assert.ok(threadId);
    assert.equal(fixture.model.requests.length, 0, 'no turn is started at creation');
    const killed = await killServer(spec.home);
    await until(() => states.includes('error'));
    await isIdle(agent);
    assert.equal(agent.status.threadId, threadId);
    assert.equal(agent.status.error, null);
    assert.notEqual(await pidOf(spec.home), killed);
    agent.dispose();
  });

  it('PAIR-2 kill -9 of Codex in the middle of a turn comes back to the same thread', async () => {
    const spec = fixture.spec('cut');
    const agent = fixture.agent(spec);
    await agent.start(never);
    const { threadId } = agent.status;
    await agent.nudge('think 30');
    await until(() => fixture.model.requests.some((request) => request.prompt === 'think 30'));
    assert.equal(agent.status.state, 'working');
    await killServer(spec.home);
    await isIdle(agent);
    assert.equal(agent.status.threadId, threadId);
    await agent.nudge('still there?');
    await until(() => fixture.model.requests.some((request) => request.prompt === 'still there?'));
    const messages = fixture.model.requests.at(-1)?.messages.map((message) => message.text).join('\n') ?? '';
    assert.match(messages, /think 30/, 'the history is complete');
    await isIdle(agent);
    agent.dispose();
  });

  it('PAIR-2 the next supervisor joins the running Codex in the middle of its turn', async () => {
    const spec = fixture.spec('joined');
    const first = fixture.agent(spec);
    await first.start(never);
    await first.nudge('think 1');
    await until(() => first.status.state === 'working');
    const pid = await pidOf(spec.home);
    first.dispose();
    const second = fixture.agent({ ...spec, threadId: first.status.threadId });
    await second.start(never);
    assert.equal(second.status.state, 'working', 'it is seen that a turn runs');
    assert.equal(second.status.threadId, first.status.threadId);
    assert.equal(await pidOf(spec.home), pid, 'the same process');
    const session = /\) \S+ \d+ \d+ (\d+) /.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1];
    assert.equal(session, String(pid), 'it leads a session of its own, so nothing that ends us ends it');
    await isIdle(second);
    second.dispose();
  });

  it('PAIR-2 a running Codex that was started in another way is replaced, with its thread', async () => {
    const spec = fixture.spec('changed');
    const first = fixture.agent(spec);
    await first.start(never);
    const pid = await pidOf(spec.home);
    first.dispose();
    const second = fixture.agent({ ...spec, threadId: first.status.threadId, model: 'other-model' });
    await second.start(never);
    assert.notEqual(await pidOf(spec.home), pid);
    assert.equal(second.status.threadId, first.status.threadId);
    assert.equal(second.status.model, 'other-model');
    second.dispose();
  });

  it('PAIR-2 with no recorded thread the newest one of this workdir goes on', async () => {
    const spec = fixture.spec('forgotten');
    const first = fixture.agent(spec);
    await first.start(never);
    await first.nudge('hello');
    await until(() => first.status.state === 'idle' && first.status.tokens > 0);
    await first.stop();
    const second = fixture.agent(spec);
    await second.start(never);
    assert.equal(second.status.threadId, first.status.threadId);
    second.dispose();
  });

  it('PAIR-2 a recorded thread that is gone is replaced, and it says so', async () => {
    const agent = fixture.agent(fixture.spec('gone', { threadId: '01a1fd92-47d7-7442-be3f-0fb6c9dc2445' }));
    await agent.start(never);
    assert.equal(agent.status.state, 'idle');
    assert.match(agent.status.error ?? '', /01a1fd92-47d7-7442-be3f-0fb6c9dc2445 is gone/);
    agent.dispose();
  });

  it('PAIR-7 stop ends Codex and leaves nothing behind but its files', async () => {
    const spec = fixture.spec('stopped');
    const agent = fixture.agent(spec);
    await agent.start(never);
    const socket = await readlink(spec.socketPath);
    await agent.nudge('think 30');
    await until(() => agent.status.state === 'working');
    await agent.stop();
    assert.equal(agent.status.state, 'stopped');
    assert.deepEqual(processesOf(spec.home), []);
    await assert.rejects(stat(socket), { code: 'ENOENT' });
    await assert.rejects(stat(spec.socketPath), { code: 'ENOENT' });
  });

  it('PAIR-2 a pid that belongs to somebody else by now is left alone', async () => {
    const spec = fixture.spec('foreign');
    await mkdir(spec.home, { recursive: true });
    const own = (await readFile('/proc/self/stat', 'utf8')).trim().replace(/\) (.*)$/, (_, rest: string) => `) ${rest.split(' ').with(19, '1').join(' ')}`);
    await writeFile(join(spec.home, 'app-server.pid'), `${own}\n${await readFile('/proc/sys/kernel/random/boot_id', 'utf8')}hash\n`);
    const agent = fixture.agent(spec);
    await agent.start(never);
    assert.notEqual(await pidOf(spec.home), process.pid);
    await agent.stop();
  });

  it('PAIR-8 auth.json is a link, and another account takes a restart of Codex only', async () => {
    const authFile = join(fixture.dir, 'alice.json');
    const other = join(fixture.dir, 'bob.json');
    for (const path of [authFile, other]) await writeFile(path, '{"auth_mode":"apikey","OPENAI_API_KEY":"sk-test"}', { mode: 0o600 });
    const spec = fixture.spec('account', { authFile });
    const agent = fixture.agent(spec);
    await agent.start(never);
    const { threadId } = agent.status;
    const link = join(spec.home, '.codex', 'auth.json');
    assert.equal(await readlink(link), authFile);
    const pid = await pidOf(spec.home);
    await agent.nudge('think 30');
    await until(() => agent.status.state === 'working');
    await agent.restartAppServer({ authFile: other });
    assert.equal(await readlink(link), other);
    assert.notEqual(await pidOf(spec.home), pid);
    assert.deepEqual([agent.status.state, agent.status.threadId, agent.status.error], ['idle', threadId, null]);
    await agent.stop();
  });

  it('PAIR-3 config.toml is private, and written only when it changed', async () => {
    const spec = fixture.spec('files');
    const first = fixture.agent(spec);
    await first.start(never);
    const path = join(spec.home, '.codex', 'config.toml');
    const before = await stat(path);
    assert.equal(before.mode & 0o777, 0o600);
    assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
    await first.stop();
    const second = fixture.agent(spec);
    await second.start(never);
    assert.equal((await stat(path)).ino, before.ino);
    await second.stop();
  });

  it('PAIR-3 a Codex that cannot start says why, and goes on trying', async () => {
    const spec = fixture.spec('broken');
    await mkdir(spec.home, { recursive: true });
    await writeFile(join(spec.home, '.codex'), 'a file where a folder has to be');
    const agent = fixture.agent(spec);
    await assert.rejects(agent.start(never), /EEXIST|ENOTDIR/);
    assert.equal(agent.status.state, 'error');
    await rm(join(spec.home, '.codex'));
    await isIdle(agent);
    await agent.stop();
  });
});
