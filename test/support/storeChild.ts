import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { acquireLeadership } from '../../src/supervisor/adapters/store/leadership.ts';
import type { ActionIntent } from '../../src/supervisor/adapters/store/actions.ts';
import { openStore } from '../../src/supervisor/adapters/store/store.ts';
import { codeOf } from '../../src/supervisor/base/errors.ts';
import { nullLogger } from '../../src/supervisor/base/logger.ts';
import { pathsOf } from '../../src/supervisor/protocol/paths.ts';

/** A process of the store tests: `ROLE DATA_DIR`. Roles: `lead` holds the lock, `write` writes rows until it is killed, `full` obeys lines on stdin. Prints what was acknowledged. */
const [, , role = '', dataDir = ''] = process.argv;
const paths = pathsOf(dataDir);
const say = (line: string) => writeSync(1, `${line}\n`);

if (role === 'lead') lead();
else if (role === 'write') write();
else if (role === 'full') obey();
else throw new Error(`no role ${role}`);

function lead(): void {
  const leadership = acquireLeadership(paths.leaderDb);
  say(leadership ? 'leading' : 'refused');
  process.stdin.resume();
}

function write(): void {
  const store = openStore(paths, { logger: nullLogger });
  for (let n = 0; ; n++) {
    const id = store.beginAction(intent(`text ${n}`));
    say(`begun ${id}`);
    if (n % 2 === 1) continue;
    store.endAction(id, 'accepted', null);
    say(`ended ${id}`);
  }
}

function obey(): void {
  const store = openStore(paths, { logger: nullLogger });
  const ballast = join(dataDir, 'ballast');
  let open: string | null = null;
  const commands: Record<string, () => string> = {
    fill: () => fill(ballast),
    free: () => {
      rmSync(ballast, { force: true });
      return 'freed';
    },
    begin: () => {
      open = store.beginAction(intent('x'.repeat(100)));
      return 'begun';
    },
    end: () => {
      store.endAction(open ?? '', 'accepted', null);
      return 'ended';
    },
    check: () => JSON.stringify({ chain: store.verifyChain(), outcomes: store.listActions({ limit: 10_000 }).map((action) => action.outcome) }),
  };
  say('ready');
  createInterface({ input: process.stdin }).on('line', (line) => {
    try {
      say(commands[line]?.() ?? `no command ${line}`);
    } catch (error) {
      say(`error ${codeOf(error) ?? String(error)}`);
    }
  });
}

/** Fills the file system, in ever smaller pieces, until not one byte more fits. */
function fill(path: string): string {
  const fd = openSync(path, 'a');
  for (let size = 65_536; size >= 1; ) {
    try {
      writeSync(fd, Buffer.alloc(size));
    } catch (error) {
      if (codeOf(error) !== 'ENOSPC') throw error;
      size = Math.floor(size / 2);
    }
  }
  closeSync(fd);
  return 'full';
}

function intent(detail: string): ActionIntent {
  return { key: 'ai~1', host: 'ai', session: '$1', actor: 'agent', tool: 'send_text', kind: 'write', detail, epoch: 1 };
}
