import type { Clock } from './base/clock.ts';
import { DisposableStore, type Disposable } from './base/disposable.ts';
import { Later } from './base/later.ts';
import type { notifications } from './protocol/api.ts';
import type { Connection, Server } from './protocol/server.ts';
import type { StatusView } from './protocol/statusView.ts';
import type { Supervisor } from './supervisor.ts';

/** A person sees no difference below this, and a burst of facts becomes one message. */
const tellEveryMs = 50;

/** Tells subscribed clients the status whenever it says something else than before, with a number that grows. */
export class FleetFeed implements Disposable {
  readonly #status: () => StatusView;
  readonly #subscribers = new WeakSet<Connection>();
  readonly #resources = new DisposableStore();
  #server: Server<typeof notifications> | null = null;
  #seq = 0;
  #told = '';

  constructor(supervisor: Supervisor, clock: Clock, status: () => StatusView) {
    this.#status = status;
    const tell = this.#resources.add(new Later(clock, { gap: tellEveryMs }, () => { this.#tell(); }));
    this.#resources.add(supervisor.onDidChange(() => { if (this.#hearers().length > 0) tell.request(); }));
  }

  /** The server that carries the messages; it is made after the handlers that subscribe. */
  attach(server: Server<typeof notifications>): void {
    this.#server = server;
  }

  subscribe(connection: Connection): { seq: number; status: StatusView } {
    this.#subscribers.add(connection);
    return { seq: ++this.#seq, status: this.#status() };
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #hearers(): Connection[] {
    return [...(this.#server?.connections ?? [])].filter((connection) => this.#subscribers.has(connection));
  }

  #tell(): void {
    if (!this.#server || this.#hearers().length === 0) return;
    const status = this.#status();
    const words = withoutAges(status);
    if (words === this.#told) return;
    this.#told = words;
    this.#server.broadcast('fleet/changed', { seq: ++this.#seq, status }, (connection) => this.#subscribers.has(connection));
  }
}

/** What a status says besides how old it is: an age alone is no change. */
function withoutAges(status: StatusView): string {
  return JSON.stringify(status, (key, value: unknown) => (key === 'ageMs' || key === 'claimAgeMs' || key === 'claimIdleMs' ? null : value));
}
