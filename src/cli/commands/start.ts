import { stat } from 'node:fs/promises';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { setup } from './setup.ts';
import { up } from './up.ts';

/** Bare `cockpit`: setup where there is no configuration yet, then up (CONF-4). */
export async function start(options: GlobalOptions): Promise<void> {
  const isConfigured = await stat(pathsFor(options).config).then(() => true, () => false);
  if (!isConfigured) await setup(options);
  await up(options, { attach: true });
}
