import type { Shell } from '../adapters/shell/shell.ts';
import { markClient } from '../adapters/tmux/commands/clientCommands.ts';
import { continuePane } from '../adapters/tmux/commands/paneCommands.ts';
import { plainCommand, type TmuxCommand } from '../adapters/tmux/command.ts';
import { ControlChannel } from '../adapters/tmux/controlChannel.ts';
import type { TmuxNotification } from '../adapters/tmux/notifications.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { codeOf, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { PaneId, SessionId } from '../domain/ids.ts';

/** What a watcher works with. */
export type WatcherDeps = {
  shell: Shell;
  clock: Clock;
  logger: Logger;
  tmuxSocket: string | null;
  mark: () => string;
  /** Something was written to a pane of the session, or may have been. */
  onActivity: (id: SessionId, isUrgent?: boolean) => void;
  onNotification: (notification: TmuxNotification) => void;
  /** The channel ended; `wasOpen` is false if it never came to be. */
  onLost: (id: SessionId, wasOpen: boolean) => void;
};

/** What Codex and others write when they begin to ask: in the title, or below a menu. */
const asksSomething = /Action Required|to confirm|esc to cancel|enter to submit|\[y\/n\]/i;
/** Of one output so much is looked at for that, in bytes. */
const longestLooked = 16_384;
/** What is written is only a sign that the screen changed, so of a flood a little is enough. */
const floodBytes = 64 * 1024;
const floodWindowMs = 100;
/** How long the output of a flooding pane is left out; its screen is read at both ends of it. */
const pauseMs = 200;

/** One control client attached to a watched session: its output tells at once that the screen changed. A flood is paused, so that neither end's memory grows (REL-4). */
export class Watcher implements Disposable {
  readonly #deps: WatcherDeps;
  readonly #id: SessionId;
  readonly #store = new DisposableStore();
  readonly #life = new AbortController();
  readonly #floods = new Map<PaneId, { sinceMs: number; bytes: number }>();
  /** What ends the pause of each pane that has one. */
  readonly #pauses = new Map<PaneId, Disposable>();
  #channel: ControlChannel | null = null;

  constructor(id: SessionId, deps: WatcherDeps) {
    this.#id = id;
    this.#deps = deps;
    this.#start().catch((error: unknown) => {
      this.#fail(messageOf(error));
    });
  }

  /** Open, or null. */
  get channel(): ControlChannel | null {
    return this.#channel;
  }

  dispose(): void {
    this.#channel = null;
    this.#life.abort(new Error('no longer watched'));
    for (const pause of this.#pauses.values()) pause.dispose();
    this.#pauses.clear();
    this.#store.dispose();
  }

  async #start(): Promise<void> {
    const { shell, tmuxSocket, mark, onActivity } = this.#deps;
    const channel = this.#store.add(await ControlChannel.open(shell, { tmuxSocket, target: this.#id, flags: ['ignore-size', 'pause-after=1'], signal: this.#life.signal }));
    if (this.#store.isDisposed) return;
    this.#channel = channel;
    this.#store.add(channel.onDidClose(({ reason }) => {
      this.#fail(reason);
    }));
    this.#store.add(channel.onNotification((notification) => {
      this.#notified(channel, notification);
    }));
    this.#send(channel, markClient(mark()));
    onActivity(this.#id);
  }

  #notified(channel: ControlChannel, notification: TmuxNotification): void {
    const { onActivity, onNotification } = this.#deps;
    switch (notification.kind) {
      case 'output':
        onActivity(this.#id, asksSomething.test(notification.data.toString('latin1', 0, longestLooked)));
        this.#countOutput(channel, notification.paneId, notification.data.length);
        break;
      case 'pause':
        // tmux paused it, because this end is slow.
        this.#continueLater(channel, notification.paneId);
        break;
      case 'session-changed':
        // The session ended and tmux moved the client on (detach-on-destroy off).
        if (notification.id !== this.#id) this.#fail('moved to another session');
        break;
      default:
        onNotification(notification);
    }
  }

  #countOutput(channel: ControlChannel, paneId: PaneId, bytes: number): void {
    const nowMs = this.#deps.clock.nowMs();
    const old = this.#floods.get(paneId);
    const flood = old && nowMs - old.sinceMs < floodWindowMs ? old : { sinceMs: nowMs, bytes: 0 };
    this.#floods.set(paneId, flood);
    flood.bytes += bytes;
    if (flood.bytes < floodBytes || this.#pauses.has(paneId)) return;
    this.#continueLater(channel, paneId);
    this.#send(channel, pausePane(paneId));
  }

  #continueLater(channel: ControlChannel, paneId: PaneId): void {
    this.#deps.onActivity(this.#id);
    // What was told may have ended the watch; and tmux tells of a pause that was asked for, too.
    if (this.#store.isDisposed || this.#pauses.has(paneId)) return;
    this.#pauses.set(paneId, this.#deps.clock.after(pauseMs, () => {
      this.#pauses.delete(paneId);
      this.#floods.delete(paneId);
      this.#send(channel, continuePane(paneId));
      this.#deps.onActivity(this.#id);
    }));
  }

  #send(channel: ControlChannel, command: TmuxCommand<void>): void {
    channel.request(command).catch((error: unknown) => {
      if (codeOf(error) !== 'link-lost') this.#deps.logger.warn('a watch command failed', { error: messageOf(error) });
    });
  }

  #fail(reason: string): void {
    if (this.#store.isDisposed) return;
    this.#deps.logger.debug('a watch ended', { session: this.#id, reason });
    const wasOpen = this.#channel !== null;
    this.dispose();
    this.#deps.onLost(this.#id, wasOpen);
  }
}

function pausePane(paneId: PaneId): TmuxCommand<void> {
  return plainCommand(`refresh-client -A '${paneId}:pause'`);
}
