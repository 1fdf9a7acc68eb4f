import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { sessionTools } from '../../../src/supervisor/protocol/sessionTools.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startTmux, type TmuxFixture, type TmuxPane } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';
import { call, textOf } from '../mcp/mcpClient.ts';

const entry = fileURLToPath(new URL('../../../src/cli/cockpit.ts', import.meta.url));

describe('cockpit mcp', function () {
  this.timeout(40_000);
  let tmux: TmuxFixture;
  let cockpit: CockpitFixture;
  let pane: TmuxPane;
  let client: Client;

  before(async () => {
    tmux = await startTmux();
    pane = await tmux.newSession('cockpit-work');
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({ hosts: [{ alias: 'here', transport: 'local', tmux_socket: tmux.socket }], codex_path: '/nonexistent/codex' });
    await cockpit.must('up', '--no-attach');
    client = new Client({ name: 'test', version: '0' });
    const env = Object.fromEntries(Object.entries(cockpit.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [entry, '--data-dir', cockpit.paths.dataDir, 'mcp', '--session', 'here/work'], env, stderr: 'ignore' }));
  });

  after(async () => {
    await client.close();
    await cockpit.dispose();
    await tmux.stop();
  });

  const sessionOfStatus = async () => textOf(await call(client, 'session_status'));

  it('MCP-1 serves the tools of one session on stdio', async () => {
    assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), Object.keys(sessionTools));
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.every(({ owner }) => owner === 'agent'), { what: 'the agent owns the sessions' });
    assert.match(await sessionOfStatus(), new RegExp(`here/\\${pane.id}`));
    const written = await call(client, 'send_text', { text: 'MARK-OF-MCP' });
    assert.notEqual(written.isError, true, textOf(written));
    await until(async () => (await tmux.run('capture-pane', '-p', '-t', pane.paneId)).includes('MARK-OF-MCP'));
    assert.doesNotMatch(await tmux.run('capture-pane', '-p', '-t', 'cockpit-keep'), /MARK-OF-MCP/);
  });

  it('MCP-1 goes on after the supervisor was killed, with the session of before even if another one has its name now', async () => {
    await tmux.run('rename-session', '-t', pane.id, 'cockpit-older');
    await tmux.newSession('cockpit-work');
    await cockpit.killSupervisor();
    await cockpit.must('up', '--no-attach');
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.length === 3, { what: 'three sessions' });
    assert.match(await sessionOfStatus(), new RegExp(`here/\\${pane.id}[^0-9]`));
  });

  it('MCP-1 a word that is no session is refused at the start, exit code 2', async () => {
    const { exitCode, stderr, stdout } = await cockpit.cli('mcp', '--session', 'work');
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /HOST\/NAME/);
  });
});
