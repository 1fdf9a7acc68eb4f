import { Worker } from 'node:worker_threads';
import { CockpitError, HumanError } from '../supervisor/base/errors.ts';
import type { LogLevel } from '../supervisor/base/logger.ts';
import { threadNews } from '../supervisor/protocol/thread.ts';

/** A supervisor that lives in a thread of this process. */
export type OwnedSupervisor = { stop(): void; readonly ended: Promise<unknown> };

/** Starts a supervisor in a thread; null when another process owns the data directory. Rejects with the supervisor's own error (HumanError where it was one). */
export async function ownSupervisor(file: string, input: { dataDir: string; asked: boolean }, log: (level: LogLevel, line: string) => void): Promise<OwnedSupervisor | null> {
  const worker = new Worker(file, { workerData: input });
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => { resolve(); });
  });
  const owns = await new Promise<boolean>((resolve, reject) => {
    worker.on('message', (message: unknown) => {
      const news = threadNews.parse(message);
      if (news.kind === 'log') log(news.level, news.line);
      else if (news.kind === 'started') resolve(news.owns);
      else reject(news.isForPerson ? new HumanError(news.code, news.message) : new CockpitError(news.code, news.message));
    });
    worker.on('error', (error: Error) => {
      log('error', `the supervisor's thread broke: ${error.stack ?? error.message}`);
      reject(error);
    });
    void ended.then(() => { reject(new CockpitError('thread-ended', 'the thread of the supervisor ended')); });
  });
  if (owns) return { stop: () => { worker.postMessage('stop'); }, ended };
  await ended;
  return null;
}
