import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import type { Clock } from './base/clock.ts';
import type { Disposable } from './base/disposable.ts';
import { messageOf } from './base/errors.ts';
import { Later } from './base/later.ts';
import type { Logger } from './base/logger.ts';
import type { StatusView } from './protocol/statusView.ts';

const writeEveryMs = 5_000;

/** Keeps `last-status.json` for `cockpit status` without a supervisor: written at most every 5 s, and once more by `write` at the end. */
export class LastStatus implements Disposable {
  readonly #path: string;
  readonly #status: () => StatusView;
  readonly #logger: Logger;
  readonly #later: Later;

  constructor(path: string, status: () => StatusView, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#status = status;
    this.#logger = logger;
    this.#later = new Later(clock, { delay: writeEveryMs }, () => { this.write(); });
    this.touch();
  }

  touch(): void {
    this.#later.request();
  }

  write(): void {
    const part = `${this.#path}.part`;
    try {
      writeFileSync(part, JSON.stringify(this.#status()), { mode: 0o600 });
      chmodSync(part, 0o600);
      renameSync(part, this.#path);
    } catch (error) {
      // A full disk: the status is a convenience, the supervisor goes on and tries again.
      this.touch();
      this.#logger.warn('last-status.json was not written', { error: messageOf(error) });
    }
  }

  dispose(): void {
    this.#later.dispose();
  }
}
