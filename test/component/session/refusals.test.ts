import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SessionToolName } from '../../../src/supervisor/protocol/sessionTools.ts';
import type { RawPane, TmuxPane } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';
import { plainInput } from '../mcp/fakePort.ts';
import { connect } from '../mcp/mcpClient.ts';
import { SessionClient, startSessions, type SessionsFixture } from './sessionFixture.ts';

const writes: SessionToolName[] = ['send_text', 'send_input', 'send_keys', 'interrupt', 'clear_scrollback'];
const menuProgram = fileURLToPath(new URL('menuProgram.ts', import.meta.url));
const granted = z.object({ url: z.string(), token: z.string() });

describe("the session's tools, what is refused", function () {
  this.timeout(60_000);
  let all: SessionsFixture;
  let raw: RawPane;
  let other: RawPane;
  let menu: TmuxPane;
  before(async () => {
    all = await startSessions(async (tmux) => {
      raw = await tmux.rawPane('cockpit-raw');
      other = await tmux.rawPane('cockpit-other');
      menu = await tmux.newSession('cockpit-menu', `exec '${process.execPath}' '${menuProgram}' '${join(tmux.dir, 'menu')}'`);
      await tmux.newSession('cockpit-gone');
    });
    await all.ready('raw', 'other', 'menu', 'gone');
  });
  after(() => all.stop());

  describe('for who owns the session', () => {
    for (const [name, tools] of [['raw', writes], ['menu', ['approve_prompt']]] as const) {
      for (const tool of tools) {
        it(`OWN-2 OWN-4 ${tool} while the human owns it, with the age of the claim; after the release until the next read`, async () => {
          const session = await all.reader('http', name);
          const input = tool === 'approve_prompt' ? { option: '1' } : plainInput(tool);
          await session.call('session_status');
          const from = (await raw.read()).length;
          await all.claim(name);
          const claimed = await session.call(tool, input) as { outcome: string; reason: string | null; explanation: string };
          assert.deepEqual([claimed.outcome, claimed.reason], ['refused', 'human-owns']);
          assert.match(claimed.explanation, /the operator owns here\/\$\d+ since \d+ s\. Nothing was typed or queued\. Do not retry/);
          await all.release();
          const stale = await session.call(tool, input) as { outcome: string; reason: string | null; explanation: string };
          assert.deepEqual([stale.outcome, stale.reason], ['refused', 'stale-epoch']);
          assert.match(stale.explanation, /Call session_status or capture_snapshot, look again/);
          assert.equal((await raw.read()).length, from);
          assert.deepEqual((await all.audit()).slice(-2).map((row) => [row.tool, row.outcome, row.reason]), [[tool, 'refused', 'human-owns'], [tool, 'refused', 'stale-epoch']]);
          await session.call('session_status');
          assert.equal((await session.call(tool, input) as { outcome: string }).outcome, 'accepted');
        });
      }
    }

    it('OWN-4 a write before any read is refused', async () => {
      const fresh = await all.open('http', 'raw');
      assert.equal((await fresh.call('send_text', { text: 'x' })).reason, 'stale-epoch');
    });

    it('OWN-4 a cancelled read is no read: the write behind it is still stale', async () => {
      const session = await all.open('http', 'raw');
      await session.call('capture_snapshot');
      await all.claim('raw');
      await all.release();
      const abort = new AbortController();
      const pending = assert.rejects(session.call('get_settled_delta', { maxWaitMs: 60_000 }, { signal: abort.signal }));
      await session.call('list_remote_sessions');
      abort.abort();
      await pending;
      assert.equal((await session.call('send_text', { text: 'x' })).reason, 'stale-epoch');
    });

    it('OWN-5 a pane that became the active one behind the last read is not written, and neither is the one that was read', async () => {
      const session = await all.reader('http', 'raw');
      await session.call('session_status');
      const from = (await raw.read()).length;
      await all.tmux.run('split-window', '-t', raw.paneId, 'exec cat');
      await until(async () => (await all.supervisor.request('session/peek', { session: 'here/raw' })).text === '', { what: 'the new pane is the control target' });
      const refused = await session.call('send_text', { text: 'FOR-THE-FIRST-PANE' });
      assert.deepEqual([refused.outcome, refused.reason], ['refused', 'pane-not-active']);
      assert.doesNotMatch((await session.call('capture_snapshot')).text, /FIRST/);
      assert.equal((await session.call('send_text', { text: 'FOR-THE-NEW-PANE' })).outcome, 'accepted');
      await until(async () => (await session.call('capture_snapshot')).text.includes('FOR-THE-NEW-PANE'));
      assert.equal((await raw.read()).length, from);
      await all.tmux.run('kill-pane', '-t', 'cockpit-raw:.{bottom}');
    });

    it('OWN-5 copy mode is left first, and noted', async () => {
      const session = await all.reader('http', 'raw');
      await session.call('session_status');
      await all.tmux.run('copy-mode', '-t', raw.paneId);
      const from = (await raw.read()).length;
      assert.match((await session.call('send_text', { text: 'past the copy mode' })).explanation, /copy mode, which was left/);
      await until(async () => (await raw.read()).subarray(from).toString() === 'past the copy mode\r');
    });

    it('MCP-3 a session that is gone is told with what to do; its token ends with it', async () => {
      const session = await all.reader('http', 'gone');
      await session.call('session_status');
      const waiting = session.refusal('wait_for_change', { timeoutMs: 20_000 });
      await all.tmux.run('kill-session', '-t', 'cockpit-gone');
      assert.match(await waiting, /no longer exists\. End your turn; you are told when it returns/);
      await until(async () => {
        await assert.rejects(session.raw('session_status'), /401|Unauthorized/i);
        return true;
      }, { what: 'the token of an archived session is refused' });
    });
  });

  describe('for the caller', () => {
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'send_text', arguments: { text: 'MUST-NOT-COME' } } });
    const send = async (url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> =>
      new Promise((resolve, reject) => {
        const sent = request(url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers } }, (response) => {
          text(response).then((body) => { resolve({ status: response.statusCode ?? 0, body }); }, reject);
        });
        sent.on('error', reject);
        sent.end(list);
      });

    it('MCP-1 no token, a wrong one, an expired one, Host and Origin of others', async () => {
      const grant = granted.parse(JSON.parse(await all.cockpit.must('grant', 'here/raw', '--json')));
      const brief = granted.parse(JSON.parse(await all.cockpit.must('grant', 'here/raw', '--json', '--hours', '0.0005')));
      const good = { authorization: `Bearer ${grant.token}` };
      const [from, rows] = [(await raw.read()).length, (await all.audit()).length];
      await until(async () => (await send(brief.url, { authorization: `Bearer ${brief.token}`, host: 'probe' })).status === 403);
      await until(async () => (await send(brief.url, { authorization: `Bearer ${brief.token}`, 'content-type': 'text/plain' })).status === 401, { what: 'the brief token expires' });
      const cases: [string, Record<string, string>, number][] = [
        ['none', {}, 401],
        ['wrong', { authorization: `Bearer ${grant.token.slice(0, -1)}${grant.token.endsWith('A') ? 'B' : 'A'}` }, 401],
        ['expired', { authorization: `Bearer ${brief.token}` }, 401],
        ['another scheme', { authorization: `Basic ${grant.token}` }, 401],
        ['Host of another', { ...good, host: 'evil.example' }, 403],
        ['Host without port', { ...good, host: '127.0.0.1' }, 403],
        ['Origin of another', { ...good, origin: 'https://evil.example' }, 403],
        ['Origin null', { ...good, origin: 'null' }, 403],
      ];
      for (const [what, headers, status] of cases) {
        const reply = await send(grant.url, headers);
        assert.equal(reply.status, status, what);
        assert.doesNotMatch(reply.body, /raw|here|\$\d/, what);
      }
      assert.deepEqual([(await raw.read()).length, (await all.audit()).length], [from, rows]);
      assert.equal((await send(grant.url, good)).status, 200);
    });

    it("MCP-1 another session's token reaches its own session only", async () => {
      const [mine, theirs] = [await all.grant('raw'), await all.grant('other')];
      const session = new SessionClient(await connect(mine.url, theirs.token));
      await session.call('session_status');
      const [from, fromOther] = [(await raw.read()).length, (await other.read()).length];
      await session.call('send_text', { text: 'to the other' });
      await until(async () => (await other.read()).subarray(fromOther).toString() === 'to the other\r');
      assert.equal((await raw.read()).length, from);
      for (const args of [{ session: 'here/raw' }, { host: 'here' }, { pane: raw.paneId }, { target: menu.paneId }]) {
        assert.match(await session.refusal('send_text', { text: 'x', ...args }), /Unrecognized key/);
      }
      await session.client.close();
    });
  });
});
