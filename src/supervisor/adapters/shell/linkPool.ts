import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/errors.ts';
import { Emitter } from '../../base/event.ts';
import { abortable } from './abortable.ts';
import { ChannelRefused, type Dialer, type Link } from './link.ts';
import { ConnectError } from './shell.ts';

/** A bound against a server that refuses every channel. */
const maxLinks = 12;

type Slot = { link: Link; used: number; limit: number };

/** The connections of one host: number 0 is made by `connectFirst`, further ones when all are full. */
export class LinkPool implements Disposable {
  readonly #dialer: Dialer;
  readonly #slots = new Map<number, Slot>();
  readonly #dialing = new Map<number, Promise<Slot>>();
  readonly #lifetime = new AbortController();
  readonly #store = new DisposableStore();
  readonly #closed = this.#store.add(new Emitter<ConnectError>());
  /** Connection 0 is gone. */
  readonly onDidClose = this.#closed.event;

  constructor(dialer: Dialer) {
    this.#dialer = dialer;
  }

  async connectFirst(signal?: AbortSignal): Promise<void> {
    if (this.#store.isDisposed) throw this.lost();
    if (!this.#slots.has(0)) await this.#dial(0, signal);
  }

  /** Runs `start` on a connection with room; the room is given back when `ended` of what it made resolves. */
  async startOnLink<T extends { ended: Promise<unknown> }>(start: (link: Link) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (!this.#slots.has(0)) throw this.lost();
    for (let index = 0; index < maxLinks; index += 1) {
      const slot = await this.#slotAt(index, signal);
      if (slot.used >= slot.limit) continue;
      const made = await this.#startIn(slot, start);
      if (made) return made;
    }
    throw new ConnectError('failed', `${this.#dialer.name}: no room for a further channel on ${maxLinks} connections; raise MaxSessions in its sshd_config`);
  }

  /** The error of everything that needs a connection when there is none. */
  lost(cause?: unknown): ConnectError {
    return new ConnectError('lost', `${this.#dialer.name}: the connection is gone`, { cause });
  }

  dispose(): void {
    this.#lifetime.abort(this.lost());
    for (const { link } of this.#slots.values()) link.dispose();
    this.#slots.clear();
    this.#store.dispose();
  }

  async #startIn<T extends { ended: Promise<unknown> }>(slot: Slot, start: (link: Link) => Promise<T>): Promise<T | null> {
    slot.used += 1;
    const release = () => {
      slot.used -= 1;
    };
    try {
      const made = await start(slot.link);
      void made.ended.then(release);
      return made;
    } catch (error) {
      release();
      if (!(error instanceof ChannelRefused)) throw error;
      slot.limit = slot.used; // the server's limit is lower than planned, or viewers took more
      return null;
    }
  }

  async #slotAt(index: number, signal: AbortSignal): Promise<Slot> {
    const slot = this.#slots.get(index);
    if (slot) return slot;
    try {
      return await this.#dial(index, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new ConnectError('failed', `${this.#dialer.name}: its connection is full (sshd MaxSessions), and a further one failed: ${messageOf(error)}`, { cause: error });
    }
  }

  /** All who need connection `index` wait for one attempt; a caller's signal ends only his waiting. */
  #dial(index: number, signal?: AbortSignal): Promise<Slot> {
    let attempt = this.#dialing.get(index);
    if (!attempt) {
      attempt = this.#dialOnce(index).finally(() => this.#dialing.delete(index));
      this.#dialing.set(index, attempt);
    }
    return signal ? abortable(attempt, signal) : attempt;
  }

  async #dialOnce(index: number): Promise<Slot> {
    const link = await this.#dialer.dial(index, this.#lifetime.signal);
    if (this.#store.isDisposed) {
      link.dispose();
      throw this.lost();
    }
    const slot = { link, used: 0, limit: this.#dialer.slots(index) };
    this.#slots.set(index, slot);
    link.onDidClose((error) => {
      this.#slots.delete(index);
      link.dispose();
      if (index === 0) this.#closed.fire(error);
    });
    return slot;
  }
}
