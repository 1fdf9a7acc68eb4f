import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Channel, ChannelExit, Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { Asker } from '../../../src/supervisor/hosts/asker.ts';

/** A shell whose `sh` answers with what `answer` makes of the end word, in chunks. */
function scripted(answer: (word: string) => (string | Buffer)[]) {
  const exited = Promise.withResolvers<ChannelExit>();
  const seen = { listeners: 0, disposed: 0, runs: 0 };
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.on('data', (script: Buffer) => {
    const word = /([0-9a-f]{24})\n$/.exec(script.toString())?.[1] ?? '';
    for (const chunk of answer(word)) stdout.write(chunk);
  });
  const counted = Object.assign(exited.promise, {
    then: (...listeners: Parameters<Promise<ChannelExit>['then']>) => {
      seen.listeners += 1;
      return Promise.prototype.then.apply(exited.promise, listeners);
    },
  });
  const channel: Channel = { stdin, stdout, exited: counted, dispose: () => { seen.disposed += 1; } };
  const shell: Pick<Shell, 'open' | 'run'> = {
    open: () => Promise.resolve(channel),
    run: () => { seen.runs += 1; return Promise.resolve({ exitCode: 0, stdout: Buffer.from('run'), stderr: '' }); },
  };
  return { asker: new Asker(shell as Shell, 5_000), seen, exit: () => { exited.resolve({ exitCode: 0, stderr: '' }); } };
}

describe('asker', () => {
  it('REL-4 listens for the end of its sh once, however often it asks', async () => {
    const { asker, seen } = scripted((word) => ['yes', `\n${word}\n`]);
    for (let n = 0; n < 20; n += 1) assert.equal((await asker.ask('true')).toString(), 'yes');
    assert.equal(seen.listeners, 1);
  });

  it('finds the end wherever the chunks are cut', async () => {
    const { asker } = scripted((word) => `one\ntwo\n\n${word}\n`.split(''));
    assert.equal((await asker.ask('true')).toString(), 'one\ntwo\n');
  });

  it('starts a shell of its own when the sh has ended, during an ask and before one', async () => {
    const { asker, seen, exit } = scripted(() => []);
    const asked = asker.ask('true');
    exit();
    assert.equal((await asked).toString(), 'run');
    assert.equal((await asker.ask('true')).toString(), 'run');
    assert.equal(seen.runs, 2);
  });

  it('REL-4 lets go of a host that answers without end', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const { asker, seen } = scripted(() => Array.from({ length: 20 }, () => megabyte));
    await assert.rejects(asker.ask('true'), { code: 'too-much-output' });
    assert.equal(seen.disposed, 1);
  });
});
