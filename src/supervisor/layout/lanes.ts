import type { SessionId } from '../domain/ids.ts';

/** Gives every session of a host a small number that stays while the session lives, so that its viewer keeps its connection. */
export class Lanes {
  readonly #hosts = new Map<string, Map<SessionId, number>>();

  /** Frees the lanes of sessions that are gone. */
  keep(alias: string, ids: readonly SessionId[]): void {
    const lanes = this.#hosts.get(alias);
    for (const id of lanes?.keys() ?? []) if (!ids.includes(id)) lanes?.delete(id);
  }

  /** The lane of a session: the smallest free one when it is new. */
  of(alias: string, id: SessionId): number {
    const lanes = this.#hosts.get(alias) ?? new Map<SessionId, number>();
    this.#hosts.set(alias, lanes);
    const known = lanes.get(id);
    if (known !== undefined) return known;
    const taken = new Set(lanes.values());
    let lane = 0;
    while (taken.has(lane)) lane++;
    lanes.set(id, lane);
    return lane;
  }
}
