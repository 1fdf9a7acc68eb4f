import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { decodeConfig, notUtf8 } from './adapters/configFile/loadConfig.ts';
import { formatProblems } from './adapters/configFile/parseConfig.ts';
import { parseMarkers } from './adapters/configFile/parseMarkers.ts';
import type { Clock } from './base/clock.ts';
import { coalesce } from './base/coalesce.ts';
import { DisposableStore, type Disposable } from './base/disposable.ts';
import { Emitter } from './base/event.ts';
import { codeOf, messageOf } from './base/errors.ts';
import type { Logger } from './base/logger.ts';
import { builtInMarkers, type Markers } from './domain/markers.ts';

/** What the keeper works with; `notices` are what a person should know. */
export type MarkerKeeperDeps = { path: string; notices: string[]; clock: Clock; logger: Logger };

/** A file that is written in place is empty for a moment: it is read once it has been left alone for so long. */
const quietMs = 150;

const refusedPrefix = 'markers.yaml is wrong, so the signs from before stay in force';

/** Keeps the signs of states in step with the operator's `markers.yaml` while it changes (STATE-3); a wrong file changes nothing and is told. */
export class MarkerKeeper implements Disposable {
  readonly #deps: MarkerKeeperDeps;
  readonly #lookSoon: () => void;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<Markers>());
  readonly onDidChange = this.#changed.event;
  #timer: Disposable | null = null;
  #markers: Markers = builtInMarkers;
  /** What told the files apart; '' where there is none. */
  #seen = '';

  constructor(deps: MarkerKeeperDeps) {
    this.#deps = deps;
    this.#lookSoon = coalesce(
      () => this.#look(),
      (error) => { this.#refuse(messageOf(error)); },
    );
    // The folder, because an editor may put another file in its place.
    const watcher = watch(dirname(deps.path), { persistent: false }, (_, name) => {
      if (name !== basename(deps.path)) return;
      this.#timer?.dispose();
      this.#timer = deps.clock.after(quietMs, () => { this.#lookSoon(); });
    });
    watcher.on('error', (error) => { deps.logger.warn('markers.yaml is no longer watched', { error: error.message }); });
    this.#store.add({ dispose: () => { watcher.close(); this.#timer?.dispose(); } });
    this.#lookSoon();
  }

  get markers(): Markers {
    return this.#markers;
  }

  /** Reads the file if it is another one than before. */
  async #look(): Promise<void> {
    const { path } = this.#deps;
    const now = await stat(path).then((file) => `${file.ino} ${file.mtimeMs} ${file.size}`, absent);
    if (now === this.#seen) return;
    this.#seen = now;
    this.#take(now === '' ? { ok: true, markers: builtInMarkers } : read(await readFile(path)));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #take(result: ReturnType<typeof parseMarkers>): void {
    if (!result.ok) {
      this.#refuse(formatProblems(result.problems, 'markers.yaml').replaceAll('\n', '; '));
      return;
    }
    this.#unrefuse();
    this.#markers = result.markers;
    this.#deps.logger.info('signs of states', { version: result.markers.version });
    this.#changed.fire(result.markers);
  }

  #refuse(why: string): void {
    this.#unrefuse();
    this.#deps.notices.push(`${refusedPrefix}: ${why}`);
  }

  #unrefuse(): void {
    const { notices } = this.#deps;
    const at = notices.findIndex((notice) => notice.startsWith(refusedPrefix));
    if (at >= 0) notices.splice(at, 1);
  }
}

function read(bytes: Buffer): ReturnType<typeof parseMarkers> {
  const text = decodeConfig(bytes);
  return text === null ? { ok: false, problems: [notUtf8] } : parseMarkers(text);
}

function absent(error: unknown): string {
  if (codeOf(error) === 'ENOENT') return '';
  throw error;
}
