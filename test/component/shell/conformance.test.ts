import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { quote, type Channel, type Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import type { Transport } from '../../../src/supervisor/domain/config.ts';
import { descendantsOf, isRunning } from '../../support/processTree.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { connectErrorOf, ShellBench } from './fixtures.ts';

const transports: Transport[] = ['local', 'openssh', 'ssh2'];
const noise = `echo 'Welcome to box'; printf 'no newline at the end'; echo 'rc: warning' >&2\n`;
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe('Shell conformance', () => {
  let sshd: SshdFixture;
  let bench: ShellBench;
  before(async () => {
    sshd = await startSshd({ loginScript: noise });
    bench = await ShellBench.start(sshd);
  });
  after(async () => {
    await bench.end();
    await sshd.stop();
  });

  for (const transport of transports) {
    describe(transport, () => {
      let shell: Shell;
      before(async () => {
        shell = await bench.connected('box', transport);
      });
      suite(() => shell, transport, () => sshd);
    });
  }
});

function suite(shellOf: () => Shell, transport: Transport, sshdOf: () => SshdFixture): void {
  const run = (script: string, options?: Parameters<Shell['run']>[1]) => shellOf().run(script, options);
  const text = async (script: string, options?: Parameters<Shell['run']>[1]) => (await run(script, options)).stdout.toString();
  const remotePid = async (channel: Channel) => Number((await firstChunk(channel)).toString());

  if (transport === 'local') {
    it('REL-4 a run that prints without end is ended', async () => {
      await assert.rejects(run('exec cat /dev/zero', { timeoutMs: 15_000 }), { code: 'too-much-output' });
    });
  }

  it('DISC-10 run gives the exit code', async () => {
    for (const code of [0, 1, 7, 127, 254]) assert.equal((await run(`exit ${code}`)).exitCode, code);
    assert.equal((await run('false')).exitCode, 1);
    assert.equal((await run('no-such-program-here')).exitCode, 127);
    assert.equal((await run('kill -9 $$')).exitCode, null);
  });

  it('DISC-10 a noisy login shell is not seen', async () => {
    assert.equal(await text('echo clean'), 'clean\n');
    assert.equal(await text('true'), '');
    assert.equal(await text('printf "no newline"'), 'no newline');
  });

  it('DISC-10 every byte comes back as it was, 64 kB both ways', async () => {
    const octal = Array.from(allBytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    assert.deepEqual((await run(`printf '${octal}'`)).stdout, allBytes);
    const blob = Buffer.concat([allBytes, randomBytes(64 * 1024)]);
    assert.deepEqual((await run('cat', { input: blob })).stdout, blob);
    assert.deepEqual((await run('exec cat', { input: blob })).stdout, blob);
    const channel = await shellOf().open('exec cat');
    channel.stdin.end(blob);
    assert.deepEqual(await readAll(channel), blob);
    assert.deepEqual((await channel.exited).exitCode, 0);
  });

  it('DISC-10 a megabyte of output is whole', async () => {
    assert.equal((await run('head -c 1500000 /dev/zero')).stdout.length, 1_500_000);
  });

  it('DISC-10 input is never run as commands', async () => {
    assert.equal(await text('echo one', { input: Buffer.from('echo two\n') }), 'one\n');
    assert.equal(await text('read line; echo "got $line"', { input: Buffer.from('first\necho two\n') }), 'got first\n');
    assert.equal(await text('cat; echo end'), 'end\n', 'without input, stdin is at its end');
  });

  it('DISC-10 stderr is kept for errors, its last 4 kB', async () => {
    assert.match((await run('echo broken >&2; exit 3')).stderr, /broken\n$/);
    const { stderr } = await run('i=0; while [ $i -lt 999 ]; do echo "line $i" >&2; i=$((i+1)); done');
    assert.match(stderr, /line 998\n$/);
    assert.ok(stderr.length <= 4096);
  });

  it('DISC-10 a script may have many lines, comments and quotes, and quoted data arrives as it is', async () => {
    const nasty = [`it's`, '$(touch x)`id`', 'two\nlines', '"; exit 9; #', 'back\\slash', '-n', '', '* ~ é', '}', 'EOF'];
    const script = `# a comment\nfor word in ${quote(...nasty)}\ndo\n  printf '%s\\0' "$word"\ndone # another`;
    assert.deepEqual((await text(script)).split('\0').slice(0, -1), nasty);
    assert.equal(await text(`cat <<'EOF'\n}\n$HOME\nEOF`), '}\n$HOME\n');
    const long = 'x'.repeat(300_000);
    assert.equal(await text(`printf %s ${quote(long)}`), long);
  });

  it('DISC-10 nothing of a script or its data is in a command line', async () => {
    const secret = randomBytes(12).toString('hex');
    const channel = await shellOf().open(`SECRET=${quote(secret)}; exec cat`);
    const idle = await shellOf().open(`read line\n: ${quote(secret)}\n`);
    const root = transport === 'local' ? process.pid : sshdOf().pid;
    const lines = descendantsOf(root).map((p) => p.commandLine);
    assert.ok(lines.includes('cat'), lines.join('\n'));
    assert.ok(lines.includes('sh'), lines.join('\n'));
    const ours = descendantsOf(process.pid).map((p) => p.commandLine);
    assert.deepEqual([...lines, ...ours].filter((line) => line.includes(secret)), []);
    idle.dispose();
    channel.dispose();
  });

  it('DISC-10 stdin belongs to the program that the script execs, line by line', async () => {
    const channel = await shellOf().open('exec cat');
    for (const line of ['one\n', 'two\n']) {
      const answer = firstChunk(channel);
      channel.stdin.write(line);
      assert.equal((await answer).toString(), line);
    }
    channel.dispose();
    await channel.exited;
  });

  it('DISC-10 what a program printed before it ended can still be read', async () => {
    const channel = await shellOf().open('exec echo last words');
    await channel.exited;
    assert.equal((await readAll(channel)).toString(), 'last words\n');
  });

  it('DISC-10 dispose ends the remote process, even one that reads nothing', async () => {
    for (const script of ['echo $$; exec cat', 'echo $$; exec sleep 1000', 'echo $$; sleep 1000', 'echo $$; exec sh -c "trap : PIPE; sleep 999; sleep 998"']) {
      const channel = await shellOf().open(script);
      const pid = await remotePid(channel);
      assert.ok(isRunning(pid), script);
      channel.dispose();
      await until(() => !isRunning(pid), { what: `${script} ends` });
      await channel.exited;
    }
  });

  it('DISC-10 abort and time-out of run end the remote process', async () => {
    const root = transport === 'local' ? process.pid : sshdOf().pid;
    const running = (seconds: number) => descendantsOf(root).some((p) => p.commandLine === `sleep ${seconds}`);
    const controller = new AbortController();
    const aborted = run('sleep 1001', { signal: controller.signal });
    await until(() => running(1001));
    controller.abort(new Error('not any more'));
    await assert.rejects(aborted, /not any more/);
    await until(() => !running(1001));
    await assert.rejects(run('sleep 1002', { timeoutMs: 200 }), { code: 'script-timeout' });
    await until(() => !running(1002));
    await assert.rejects(run('true', { signal: AbortSignal.abort(new Error('never')) }), /never/);
    await assert.rejects(shellOf().open('exec cat', AbortSignal.abort(new Error('never'))), /never/);
  });

  it('DISC-1 many channels at once, more than one connection carries', async () => {
    const channels = await Promise.all(Array.from({ length: 14 }, () => shellOf().open('exec cat')));
    const results = await Promise.all(Array.from({ length: 14 }, (_, n) => text(`echo ${n}`)));
    assert.deepEqual(results, Array.from({ length: 14 }, (_, n) => `${n}\n`));
    await Promise.all(channels.map(async (channel, n) => {
      channel.stdin.end(`channel ${n}`);
      assert.equal((await readAll(channel)).toString(), `channel ${n}`);
    }));
  });

  it('DISC-10 a script that is no sh is refused with its words', async () => {
    const error = await connectErrorOf(shellOf().open('if; then'));
    assert.equal(error.kind, 'failed');
    assert.match(error.message, /yntax error/);
  });
}

function firstChunk(channel: Channel): Promise<Buffer> {
  return new Promise((resolve) => channel.stdout.once('data', resolve));
}

async function readAll(channel: Channel): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of channel.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
