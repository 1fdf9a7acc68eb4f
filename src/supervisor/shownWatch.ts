import type { Disposable } from './base/disposable.ts';
import { selectedRef } from './domain/fleet.ts';
import type { HostLink } from './hosts/hostLink.ts';
import type { Supervisor } from './supervisor.ts';

/** Watches the session that is shown: what a person looks at is known at once, not with the next second of the subscription. */
export class ShownWatch implements Disposable {
  readonly #link: (alias: string) => HostLink | undefined;
  readonly #listener: Disposable;
  #now: { link: HostLink; id: string; watch: Disposable } | null = null;

  constructor(supervisor: Supervisor, link: (alias: string) => HostLink | undefined) {
    this.#link = link;
    this.#listener = supervisor.onDidChange(({ fleet }) => { this.#follow(selectedRef(fleet)); });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#now?.watch.dispose();
  }

  #follow(ref: ReturnType<typeof selectedRef>): void {
    const link = ref ? this.#link(ref.alias) : undefined;
    if (this.#now?.link === link && this.#now?.id === ref?.id) return;
    this.#now?.watch.dispose();
    this.#now = ref && link ? { link, id: ref.id, watch: link.watch(ref.id) } : null;
  }
}
