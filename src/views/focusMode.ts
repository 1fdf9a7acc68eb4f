/** A half of the pair, and the focus mode that belongs to it. */
export type Half = 'remote' | 'agent';

export const otherHalf = (half: Half): Half => (half === 'remote' ? 'agent' : 'remote');

/**
 * Keeps two things the same: which half of the pair has the person's keys, and the supervisor's focus mode. Tells apart what a person did from
 * what was done here, and from news that is older than what was just told.
 */
export class FocusMode {
  #mode: Half = 'agent';
  /** Where the keys are being put by this program. */
  #moving: Half | null = null;
  /** What the supervisor was told and has not said yet. */
  #told: Half | null = null;

  get mode(): Half {
    return this.#mode;
  }

  /** The keys are in a half now (null: elsewhere). Returns what the supervisor has to be told, or null. */
  activated(half: Half | null): Half | null {
    const moving = this.#moving;
    if (half === null || half === moving) this.#moving = null;
    if (half === null || moving !== null || half === this.#mode) return null;
    this.#mode = half;
    this.#told = half;
    return half;
  }

  /** The supervisor said its focus mode; `active` is where the keys are. Returns the half that they have to be put into, or null. */
  said(mode: Half, active: Half | null): Half | null {
    if (this.#told !== null && this.#told !== mode) return null;
    this.#told = null;
    this.#mode = mode;
    return active === null || active === mode || this.#moving === mode ? null : mode;
  }

  /** The keys are put into a half by this program, which tells nothing of the person. */
  moving(half: Half, active: Half | null): void {
    if (active !== half) this.#moving = half;
  }

  /** The supervisor did not take what it was told. */
  untold(): void {
    this.#told = null;
  }
}
