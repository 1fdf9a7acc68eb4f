import type { Shell } from '../adapters/shell/shell.ts';
import { detachStaleClients, markClient, subscribe } from '../adapters/tmux/commands/clientCommands.ts';
import { displayMessage } from '../adapters/tmux/commands/paneCommands.ts';
import { TmuxError } from '../adapters/tmux/command.ts';
import { ControlChannel } from '../adapters/tmux/controlChannel.ts';
import type { TmuxNotification } from '../adapters/tmux/notifications.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { CockpitError, codeOf, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { isWindowId, type SessionId, type WindowId } from '../domain/ids.ts';
import { activityFormat, activitySubscription } from './activity.ts';

/** What the main channel works with. */
export type ControlTierDeps = {
  shell: Shell;
  clock: Clock;
  logger: Logger;
  tmuxSocket: string | null;
  /** Marks our clients at the remote, those of each connection in their own way. */
  mark: () => string;
  markPrefix: string;
  onNotification: (notification: TmuxNotification) => void;
  /** A new channel is ready: what happened before it is not told by it. */
  onOpen: () => void;
  onLost: () => void;
};

/** How cockpit listens at a host: `push` keeps a channel open, `ask` opens one for a request and closes it when it is idle, `off` has none. */
export type TierMode = { kind: 'push' } | { kind: 'ask'; flags: string[] } | { kind: 'off' };

/** In `ask`, a channel that nobody used for this long is closed. */
const idleMs = 5_000;
/** A channel that could not be opened is tried again this much later. */
const retryMs = 1_000;
const pushFlags = ['ignore-size', 'no-output'];

/** One control client per host for commands and notifications, attached to one managed session and moved to another when that one ends. */
export class ControlTier implements Disposable {
  readonly #deps: ControlTierDeps;
  #mode: TierMode = { kind: 'off' };
  #targets: SessionId[] = [];
  #life = new AbortController();
  #current: { channel: ControlChannel; attachedTo: SessionId; /** window of the subscription */ subscribedTo: WindowId | null; store: DisposableStore } | null = null;
  #opening: Promise<ControlChannel> | null = null;
  #idle: Disposable | null = null;
  #retry: Disposable | null = null;
  #orphansEnded = false;

  constructor(deps: ControlTierDeps) {
    this.#deps = deps;
  }

  /** The open channel, if there is one. */
  get channel(): ControlChannel | null {
    return this.#current?.channel ?? null;
  }

  /** Takes in how to listen and which sessions there are; keeps, moves, opens or closes the channel accordingly. */
  update(mode: TierMode, targets: SessionId[]): void {
    this.#mode = mode;
    this.#targets = targets;
    if (mode.kind === 'off') this.#orphansEnded = false;
    if (this.#current && (mode.kind === 'off' || !targets.includes(this.#current.attachedTo))) this.#close();
    if (mode.kind === 'off') {
      this.#retry?.dispose();
      this.#life.abort(lost());
      this.#life = new AbortController();
    } else if (mode.kind === 'push' && targets.length > 0 && !this.#current) {
      this.#openInBackground();
    }
  }

  /** The open channel, or one that is opened now. Rejects with a `TmuxError`, `ConnectError` or `link-lost`. */
  async acquire(): Promise<ControlChannel> {
    if (this.#mode.kind === 'off') throw lost();
    const channel = this.#current?.channel ?? (await this.#open());
    this.#closeWhenIdle();
    return channel;
  }

  dispose(): void {
    this.update({ kind: 'off' }, []);
  }

  #openInBackground(): void {
    this.#open().catch((error: unknown) => {
      this.#deps.logger.debug('no control channel', { error: messageOf(error) });
      this.#retry?.dispose();
      this.#retry = this.#deps.clock.after(retryMs, () => {
        this.update(this.#mode, this.#targets);
      });
    });
  }

  #open(): Promise<ControlChannel> {
    this.#opening ??= this.#openFirst(this.#life.signal).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openFirst(signal: AbortSignal): Promise<ControlChannel> {
    const { shell, tmuxSocket } = this.#deps;
    const flags = this.#mode.kind === 'ask' ? this.#mode.flags : pushFlags;
    const tried = new Set<SessionId>();
    for (;;) {
      // Looked up each time, because a listing may come meanwhile.
      const target = this.#targets.find((id) => !tried.has(id));
      if (target === undefined) throw new TmuxError('no-session', 'no managed session to attach to');
      tried.add(target);
      try {
        return this.#adopt(await ControlChannel.open(shell, { tmuxSocket, target, flags, signal }), target, signal);
      } catch (error) {
        // The session may have ended since it was listed.
        if (codeOf(error) !== 'no-session') throw error;
      }
    }
  }

  #adopt(channel: ControlChannel, attachedTo: SessionId, signal: AbortSignal): ControlChannel {
    const store = new DisposableStore();
    store.add(channel);
    if (signal.aborted) {
      store.dispose();
      throw lost();
    }
    store.add(channel.onDidClose(({ reason }) => {
      this.#deps.logger.debug('control channel closed', { reason });
      this.#close();
      this.#deps.onLost();
    }));
    store.add(channel.onNotification((notification) => {
      this.#notified(notification);
    }));
    this.#current = { channel, attachedTo, subscribedTo: null, store };
    this.#begin(channel).catch((error: unknown) => {
      this.#deps.logger.warn('a control channel was not set up', { error: messageOf(error) });
    });
    this.#deps.onOpen();
    return channel;
  }

  async #begin(channel: ControlChannel): Promise<void> {
    const { mark, markPrefix, logger } = this.#deps;
    const marked = channel.request(markClient(mark()));
    await Promise.all([marked, this.#subscribe(channel)]);
    if (this.#orphansEnded) return;
    this.#orphansEnded = true;
    const count = await detachStaleClients(channel, markPrefix);
    if (count > 0) logger.info('detached control clients of an earlier life or connection', { count });
  }

  /** Subscribes through the window that the session shows; when that one ends, through another. */
  async #subscribe(channel: ControlChannel): Promise<void> {
    const current = this.#current;
    if (this.#mode.kind !== 'push' || current?.channel !== channel) return;
    const windowId = await channel.request(displayMessage(current.attachedTo, '#{window_id}'));
    // The session is gone, and the channel with it.
    if (!isWindowId(windowId)) return;
    current.subscribedTo = windowId;
    await channel.request(subscribe(activitySubscription, windowId, activityFormat));
  }

  #subscribeAgain(): void {
    const channel = this.#current?.channel;
    if (!channel) return;
    this.#subscribe(channel).catch((error: unknown) => {
      this.#deps.logger.debug('no subscription', { error: messageOf(error) });
    });
  }

  #notified(notification: TmuxNotification): void {
    if (notification.kind === 'session-changed' && this.#current) {
      // With detach-on-destroy off tmux moves a client to whatever session there is.
      this.#current.attachedTo = notification.id;
      if (!this.#targets.includes(notification.id)) {
        this.#close();
        this.#deps.onLost();
      } else {
        this.#subscribeAgain();
      }
      return;
    }
    if (notification.kind === 'window-close' && notification.windowId === this.#current?.subscribedTo) this.#subscribeAgain();
    this.#deps.onNotification(notification);
  }

  #closeWhenIdle(): void {
    this.#idle?.dispose();
    this.#idle = null;
    if (this.#mode.kind !== 'ask') return;
    this.#idle = this.#deps.clock.after(idleMs, () => {
      this.#close();
    });
  }

  #close(): void {
    const current = this.#current;
    this.#current = null;
    this.#idle?.dispose();
    current?.store.dispose();
  }
}

function lost(): CockpitError {
  return new CockpitError('link-lost', 'the connection to the host is down');
}
