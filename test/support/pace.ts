import { delay } from '../../src/supervisor/base/clock.ts';

/** Paces a load or a fault that has to last `ms`; never a way to wait for something to be true. */
export const pace = (ms: number): Promise<void> => delay(ms);
