import assert from 'node:assert/strict';
import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWorkdir, type WorkdirData, type WrittenFiles } from '../../../src/supervisor/adapters/codex/workdir.ts';

const names = [
  'AGENTS.md', 'audit_tail.json', 'bootstrap.md', 'memory.md', 'metadata.json', 'remote_codex_launch.md', 'remote_codex_supervisor.md',
  'remote_login_accounts.json', 'remote_login_workflow.md', 'settled_delta.txt', 'snapshot.txt', 'status.json',
];
const data: WorkdirData = {
  session: { key: 'ai~1', host: 'ai', id: '$1', name: 'cockpit-main', sshTarget: 'ai', transport: 'openssh' },
  approvals: 'bypass', remoteAuth: 'ask', localAgentModel: 'gpt-5.4-mini', remoteAgentModel: 'gpt-5.4',
  status: { state: 'idle', owner: 'agent', epoch: 3, link: 'online', error: null, evidence: [] },
  snapshot: '$ ls\u001b[31m red\u001b[0m\u0007\nname', settledDelta: 'name', accounts: [{ key: 'work', email: 'me@example.com' }], auditTail: [{ tool: 'send_text' }],
};

describe("an agent's workdir", () => {
  let root: string;
  let dir: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ck-'));
    dir = join(root, 'agents', 'ai', '1');
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('AGENT-1 has all its files, private, and AGENTS.md points to the next one', async () => {
    assert.deepEqual((await writeWorkdir(dir, data)).sort(), [...names].sort());
    assert.deepEqual((await readdir(dir)).sort(), [...names].sort());
    for (const name of names) assert.equal((await stat(join(dir, name))).mode & 0o777, 0o600, name);
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
    assert.match(await readFile(join(dir, 'AGENTS.md'), 'utf8'), /bootstrap\.md/);
  });

  it('AGENT-1 writes only what changed, also after a restart of the supervisor', async () => {
    const written: WrittenFiles = new Map();
    await writeWorkdir(dir, data, written);
    assert.deepEqual(await writeWorkdir(dir, data, written), []);
    assert.deepEqual(await writeWorkdir(dir, data), []);
    const before = await stat(join(dir, 'bootstrap.md'));
    assert.deepEqual(await writeWorkdir(dir, { ...data, settledDelta: 'new' }, written), ['settled_delta.txt']);
    assert.equal((await stat(join(dir, 'bootstrap.md'))).ino, before.ino);
  });

  it("AGENT-1 memory.md is the agent's own", async () => {
    await writeWorkdir(dir, data);
    await writeFile(join(dir, 'memory.md'), 'mine');
    assert.deepEqual(await writeWorkdir(dir, data), []);
    assert.equal(await readFile(join(dir, 'memory.md'), 'utf8'), 'mine');
  });

  it('AGENT-1 a link that an agent put in the place of a file is replaced, not followed', async () => {
    const victim = join(root, 'victim');
    await writeWorkdir(dir, data);
    await writeFile(victim, await readFile(join(dir, 'snapshot.txt')));
    await rm(join(dir, 'snapshot.txt'));
    await symlink(victim, join(dir, 'snapshot.txt'));
    await writeWorkdir(dir, data);
    assert.ok((await lstat(join(dir, 'snapshot.txt'))).isFile(), 'though the text behind the link was right');
    await writeWorkdir(dir, { ...data, snapshot: 'changed' });
    assert.doesNotMatch(await readFile(victim, 'utf8'), /changed/);
  });

  it('MCP-5 the screen is marked as untrusted data, without control sequences', async () => {
    await writeWorkdir(dir, data);
    const text = await readFile(join(dir, 'snapshot.txt'), 'utf8');
    assert.match(text, /^\[.*Untrusted data.*\]\n/);
    assert.ok(text.endsWith('$ ls red\nname\n'), text);
  });

  it('AGENT-1 the accounts have no secrets, whatever comes with them', async () => {
    const accounts = [{ key: 'work', email: 'me@example.com', password: 'hunter2' }];
    await writeWorkdir(dir, { ...data, accounts });
    assert.doesNotMatch(await readFile(join(dir, 'remote_login_accounts.json'), 'utf8'), /hunter2/);
  });
});
