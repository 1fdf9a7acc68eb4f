import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sessionTools, type SessionToolName } from '../../../src/supervisor/protocol/sessionTools.ts';
import type { RawPane } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';
import { plainInput } from '../mcp/fakePort.ts';
import { startSessions, type SessionClient, type SessionsFixture, type Transport } from './sessionFixture.ts';

const names = Object.keys(sessionTools) as SessionToolName[];
const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** Everything that ever got lost on its way to a pty. */
const awkward = `first;\nsecond line \\ "quoted" 'single' $HOME #{pane_id} #(touch x)\n\ttab \u001b[31mred\u001b[0m \u0007 \u007f \u0001 é ü 漢字 🚀 e\u0301 ~ %1 {} ;`;

for (const transport of ['http', 'stdio'] satisfies Transport[]) {
  describe(`the session's tools over ${transport}`, function () {
    this.timeout(60_000);
    let all: SessionsFixture;
    let raw: RawPane;
    let bracketed: RawPane;
    let fifo: string;

    before(async () => {
      all = await startSessions(async (tmux) => {
        raw = await tmux.rawPane('cockpit-raw');
        bracketed = await tmux.rawPane('cockpit-bracketed', { bracketed: true });
        fifo = join(tmux.dir, 'fifo');
        await tmux.newSession('cockpit-script', `mkfifo ${fifo}; printf 'ready\\n'; while :; do read -r line < ${fifo} && eval "$line"; done`);
        await tmux.newSession('cockpit-shell', `exec env PS1='$ ' sh -i`);
      });
      await all.ready('raw', 'bracketed', 'script', 'shell', 'keep');
    });
    after(() => all.stop());

    const script = (line: string) => writeFile(fifo, `${line}\n`);
    const opened = async (name: string): Promise<SessionClient> => {
      const session = await all.reader(transport, name);
      await session.call('session_status');
      return session;
    };
    /** Waits for a change of the screen; a program that starts or ends is a change too. */
    const screenChange = async (session: SessionClient) => {
      for (;;) {
        const change = await session.call('wait_for_change', { timeoutMs: 20_000 });
        if (change.why !== 'state') return change;
      }
    };
    /** What came in at a raw pane since `from` bytes. */
    const arrived = (pane: RawPane, from: number, bytes: Buffer) =>
      until(async () => {
        const got = (await pane.read()).subarray(from);
        if (got.length < bytes.length) return false;
        assert.equal(got.toString('hex'), bytes.toString('hex'));
        return true;
      }, { what: `${bytes.length} bytes at the pane` });

    it('MCP-2 MCP-3 every tool is listed and answers what its schema says', async () => {
      const session = await all.open(transport, 'keep');
      const { tools } = await session.client.listTools();
      assert.deepEqual(tools.map(({ name }) => name), names);
      for (const tool of tools) assert.ok(tool.inputSchema.additionalProperties === false && tool.outputSchema !== undefined, tool.name);
      for (const name of names) {
        if (name === 'approve_prompt') assert.match(await session.refusal(name, plainInput(name)), /have not read an approval/);
        else await session.call(name, name === 'wait_for_change' ? { timeoutMs: 1000 } : name === 'interrupt' ? { key: 'Escape' } : plainInput(name));
      }
    });

    it('MCP-2 session_status tells prompt, mode, owner, epoch and evidence', async () => {
      const status = await (await opened('shell')).call('session_status');
      assert.match(status.session, /^here\/\$\d+$/);
      assert.deepEqual([status.mode, status.owner, status.link, status.approvalOptions.length], ['shell', 'agent', 'online', 0]);
      assert.ok((status.epoch ?? 0) > 0 && status.evidence.some(({ source }) => source === 'command'));
      assert.match(status.promptBlock ?? '', /\$/);
    });

    it('MCP-2 capture_snapshot has the history that is asked for', async () => {
      const session = await opened('script');
      await script('seq 1 60');
      await until(async () => (await session.call('capture_snapshot')).text.includes('\n60'));
      assert.doesNotMatch((await session.call('capture_snapshot')).text, /^5$/m);
      assert.match((await session.call('capture_snapshot', { historyLines: 100 })).text, /^5$/m);
      await session.call('clear_scrollback');
      assert.doesNotMatch((await session.call('capture_snapshot', { historyLines: 100 })).text, /^5$/m);
    });

    it('MCP-2 capture_prompt has the prompt only', async () => {
      const session = await opened('shell');
      await session.call('send_text', { text: 'echo above; echo STAGED', submit: true });
      await session.call('send_text', { text: 'echo staged', submit: false });
      const { text } = await session.call('capture_prompt');
      assert.match(text, /\$ echo staged/);
      assert.doesNotMatch(text, /above/);
      await session.call('send_keys', { keys: ['C-u'] });
    });

    it('MCP-6 get_settled_delta tells a burst whole, after quiet time', async () => {
      const session = await opened('script');
      await session.call('capture_snapshot');
      await script('for i in 1 2 3 4; do echo part$i; sleep 0.07; done');
      const delta = await session.call('get_settled_delta', { maxWaitMs: 5_000 });
      assert.match(delta.text, /part1\npart2\npart3\npart4/);
      assert.equal(delta.changed, true);
      assert.equal((await session.call('get_settled_delta')).changed, false);
    });

    it('MCP-6 get_settled_delta ends after the maximum wait on a screen that is never quiet', async () => {
      const session = await opened('script');
      await session.call('capture_snapshot');
      await script('i=0; while [ $i -lt 90 ]; do i=$((i+1)); echo busy$i; sleep 0.05; done');
      const startMs = performance.now();
      const delta = await session.call('get_settled_delta', { maxWaitMs: 30_000 });
      const tookMs = performance.now() - startMs;
      assert.ok(delta.text.includes('busy'), delta.text);
      assert.ok(tookMs > 1_500 && tookMs < 6_000, `${tookMs} ms`);
      await until(async () => (await session.call('capture_snapshot')).text.includes('busy90'));
    });

    it('MCP-6 a spinner and its timer are no change, a line beside them is', async () => {
      const session = await opened('script');
      await script(`clear; (i=0; while [ $i -lt 40 ]; do i=$((i+1)); for c in ⠋ ⠙ ⠹; do printf '\\r%s Working (%ss • esc to interrupt)' $c $i; sleep 0.05; done; done) & wait`);
      await until(async () => (await session.call('capture_snapshot')).text.includes('Working'));
      assert.equal((await session.call('get_settled_delta', { maxWaitMs: 700 })).changed, false);
      const { changed, why } = await session.call('wait_for_change', { timeoutMs: 1_000 });
      assert.deepEqual([changed, why], [false, 'timeout']);
      await until(async () => /\(40s/.test((await session.call('capture_snapshot')).text), { timeoutMs: 15_000 });
      await script('printf "\\nNEWS\\n"');
      const delta = await session.call('get_settled_delta', { maxWaitMs: 5_000 });
      assert.match(delta.text, /NEWS/);
      assert.doesNotMatch(delta.text, /Working/);
    });

    it('MCP-2 wait_for_change ends with the change, and with its new lines', async () => {
      const session = await opened('script');
      await session.call('capture_snapshot');
      const waiting = screenChange(session);
      await script('sleep 0.3; echo IT-HAPPENED');
      const change = await waiting;
      assert.deepEqual([change.why, change.changed], ['screen', true]);
      assert.match(change.text, /IT-HAPPENED/);
    });

    it('MCP-2 wait_for_change tells at once what came since the last look, once', async () => {
      const session = await opened('script');
      await script('echo BEFORE-THE-WAIT');
      await until(async () => (await all.tmux.run('capture-pane', '-p', '-t', 'cockpit-script')).includes('BEFORE-THE-WAIT'));
      const startMs = performance.now();
      assert.match((await session.call('wait_for_change', { timeoutMs: 20_000 })).text, /BEFORE-THE-WAIT/);
      assert.ok(performance.now() - startMs < 2_500);
      assert.equal((await session.call('wait_for_change', { timeoutMs: 1_000 })).why, 'timeout');
    });

    it('MCP-2 wait_for_change ends when lines only go away', async () => {
      const session = await opened('script');
      await session.call('capture_snapshot');
      const waiting = screenChange(session);
      await script('clear');
      assert.equal((await waiting).why, 'screen');
    });

    it('MCP-2 a cancelled wait ends within 100 ms and loses nothing for the next one', async () => {
      const session = await opened('script');
      await session.call('capture_snapshot');
      const abort = new AbortController();
      const pending = assert.rejects(session.call('wait_for_change', { timeoutMs: 30_000 }, { signal: abort.signal }));
      await script('sleep 0.3');
      const startMs = performance.now();
      abort.abort();
      await pending;
      assert.ok(performance.now() - startMs < 100);
      await script('echo AFTER-CANCEL');
      assert.match((await screenChange(session)).text, /AFTER-CANCEL/);
    });

    it('OWN-3 wait_for_change tells that the human took the session, and that it is back', async () => {
      const session = await opened('script');
      const waiting = session.call('wait_for_change', { timeoutMs: 20_000 });
      await all.claim('script');
      const taken = await waiting;
      assert.deepEqual([taken.why, taken.owner], ['ownership', 'human']);
      await all.release();
      const back = await session.call('wait_for_change', { timeoutMs: 20_000 });
      assert.deepEqual([back.why, back.owner], ['ownership', 'agent']);
    });

    for (const [what, text] of [['awkward', awkward], ['of 60 kB', `${awkward}${'0123456789abcde\n'.repeat(4_000)}`.slice(0, 59_000)], ['of NUL and every control byte', String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code))]] as const) {
      it(`MCP-4 send_text: text ${what} arrives byte by byte, and Enter behind it`, async () => {
        const session = await opened('raw');
        const from = (await raw.read()).length;
        const sent = await session.call('send_text', { text });
        assert.equal(sent.outcome, 'accepted', sent.explanation);
        await arrived(raw, from, Buffer.concat([Buffer.from(text), Buffer.from('\r')]));
      });
    }

    it('MCP-4 send_text: a paste is bracketed where the program asks for it, Enter is not; staged text has no Enter', async () => {
      const session = await opened('bracketed');
      await session.call('send_text', { text: awkward });
      const first = Buffer.from(`\u001b[200~${awkward}\u001b[201~\r`);
      await arrived(bracketed, 0, first);
      await session.call('send_text', { text: 'staged', submit: false });
      await arrived(bracketed, first.length, Buffer.from('\u001b[200~staged\u001b[201~'));
    });

    it('MCP-2 send_input, send_keys and interrupt send exactly their keys', async () => {
      const session = await opened('raw');
      const from = (await raw.read()).length;
      await session.call('send_input', { actions: [{ type: 'text', text: 'x;' }, { type: 'key', key: 'Tab' }, { type: 'text', text: 'y' }, { type: 'key', key: 'Enter' }] });
      await session.call('send_keys', { keys: ['Up', 'BTab', 'F5', 'C-c', 'Space'] });
      await session.call('interrupt');
      await session.call('interrupt', { key: 'Escape' });
      await arrived(raw, from, Buffer.from('x;\ty\r\u001b[A\u001b[Z\u001b[15~\u0003 \u0003\u001b'));
      assert.deepEqual((await all.audit()).slice(-4).map(({ tool, outcome }) => [tool, outcome]), [['send_input', 'accepted'], ['send_keys', 'accepted'], ['interrupt', 'accepted'], ['interrupt', 'accepted']]);
    });

    it('MCP-4 the tool says whether the screen reacted', async () => {
      const shell = await opened('shell');
      assert.equal((await shell.call('send_text', { text: 'echo REACTS' })).screenReacted, true);
      const silent = await opened('raw');
      assert.equal((await silent.call('send_text', { text: 'into the dark' })).screenReacted, false);
    });

    it('MCP-3 text over 60 kB of UTF-8 and calls over 200 kB are refused with what to do, and nothing is typed', async () => {
      const session = await opened('raw');
      const [from, rows] = [(await raw.read()).length, (await all.audit()).length];
      assert.match(await session.refusal('send_text', { text: '漢'.repeat(30_000) }), /more than 60000 bytes in UTF-8: send it in parts/);
      assert.match(await session.refusal('send_input', { actions: Array.from({ length: 5 }, () => ({ type: 'text', text: 'x'.repeat(50_000) })) }), /more than 200000 bytes/);
      assert.match(await session.refusal('send_input', { actions: [{ type: 'text', text: 'x', session: 'here/keep' }] }), /Unrecognized key/);
      assert.deepEqual([(await raw.read()).length, (await all.audit()).length], [from, rows]);
    });

    it('MCP-2 list_remote_sessions and read_action_log', async () => {
      const session = await opened('raw');
      const { sessions } = await session.call('list_remote_sessions');
      assert.equal(sessions.length, 5);
      assert.deepEqual(sessions.filter(({ own }) => own).map(({ id }) => id), [raw.id]);
      await session.call('send_text', { text: 'FOR-THE-LOG' });
      const { actions } = await session.call('read_action_log', { limit: 2 });
      assert.deepEqual(actions.map(({ tool, outcome }) => [tool, outcome]).at(-1), ['send_text', 'accepted']);
      assert.match(actions.at(-1)?.detail ?? '', /^<untrusted-remote-text fence=\w+>\n.*FOR-THE-LOG/);
    });
  });
}

describe("the session's tools, more than one reader", function () {
  this.timeout(60_000);
  let all: SessionsFixture;
  let raw: RawPane;
  let timed: string;
  before(async () => {
    all = await startSessions(async (tmux) => {
      raw = await tmux.rawPane('cockpit-raw');
      timed = join(tmux.dir, 'timed');
      await tmux.newSession('cockpit-fast', `exec '${process.execPath}' '${program('timedProgram.ts')}' '${timed}-0' 0`);
      await tmux.newSession('cockpit-slow', `exec '${process.execPath}' '${program('timedProgram.ts')}' '${timed}-250' 250`);
      await tmux.newSession('cockpit-application', `stty raw -echo; printf '\\033[?1hready'; exec cat > '${timed}-application'`);
    });
    await all.ready('raw', 'fast', 'slow', 'application');
  });
  after(() => all.stop());

  for (const [name, echoMs] of [['fast', 0], ['slow', 250]] as const) {
    it(`MCP-4 Enter comes more than 120 ms behind text that a ${name} program has shown`, async () => {
      const session = await all.open('http', name);
      await session.call('session_status');
      await session.call('send_text', { text: 'a prompt' });
      const lines = await until(async () => {
        const rows = (await readFile(`${timed}-${echoMs}`, 'utf8')).trim().split('\n').map((row) => row.split(' '));
        return rows.some((row) => row[1] === '0d') ? rows : null;
      });
      const at = (what: string) => Number(lines.find((row) => row[1] === what)?.[0]);
      const text = Buffer.from('a prompt').toString('hex');
      assert.ok(at('0d') - at(text) > 120 && at('0d') - at('shown') > 120, JSON.stringify(lines));
    });
  }

  it('MCP-4 the calls of two readers never mix their steps', async () => {
    const readers = [await all.open('http', 'raw'), await all.open('stdio', 'raw'), await all.open('http', 'raw')];
    for (const reader of readers) await reader.call('session_status');
    const texts = readers.map((_, at) => String(at).repeat(5));
    await Promise.all(readers.map((reader, at) => reader.call('send_text', { text: texts[at] ?? '' })));
    const got = await until(async () => ((await raw.read()).length >= 18 ? (await raw.read()).toString() : null));
    assert.deepEqual(got.split('\r').filter(Boolean).sort(), texts);
  });

  it('MCP-2 send_keys: a program that asked for the other form of arrows, Home and End gets it', async () => {
    const session = await all.open('http', 'application');
    await session.call('session_status');
    await session.call('send_keys', { keys: ['Down', 'End', 'F1', 'Delete'] });
    await until(async () => (await readFile(`${timed}-application`, 'latin1')) === '\u001bOB\u001bOF\u001bOP\u001b[3~');
  });
});
