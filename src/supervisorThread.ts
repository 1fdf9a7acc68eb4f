// The supervisor in a thread of the extension host: whatever it does, the editor's own event loop goes on.
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf, HumanError, messageOf } from './supervisor/base/errors.ts';
import { createLogger } from './supervisor/base/logger.ts';
import { startSupervisor } from './supervisor/main.ts';
import { pathsOf } from './supervisor/protocol/paths.ts';
import { threadInput, type ThreadNews } from './supervisor/protocol/thread.ts';

/** One life of the supervisor; any message from the window ends it. */
async function main(tell: (news: ThreadNews) => void, onStop: (stop: () => void) => void): Promise<void> {
  const { dataDir, asked } = threadInput.parse(workerData);
  const logger = createLogger((line, level) => { tell({ kind: 'log', level, line }); }, 'debug');
  try {
    const running = await startSupervisor({ paths: pathsOf(dataDir), owner: 'vscode', wait: false, asked, logger });
    tell({ kind: 'started', owns: running !== null });
    if (running === null) return;
    onStop(() => { running.stop(); });
    await running.ended;
  } catch (error) {
    tell({ kind: 'failed', code: codeOf(error) ?? 'failed', message: messageOf(error), isForPerson: error instanceof HumanError });
  }
}

const port = parentPort;
if (port) {
  void main(
    (news) => { port.postMessage(news); },
    (stop) => port.once('message', stop),
  ).finally(() => {
    port.close();
  });
}
