import type { Disposable } from '../../supervisor/base/disposable.ts';
import { HumanError } from '../../supervisor/base/errors.ts';

/** A signal that aborts with HumanError 'login-ended' and these words when a person ends the command, until it is disposed. */
export function endingBySignal(words: string): Disposable & { readonly signal: AbortSignal } {
  const ending = new AbortController();
  const onSignal = () => { ending.abort(new HumanError('login-ended', words)); };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: ending.signal,
    dispose() {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}
