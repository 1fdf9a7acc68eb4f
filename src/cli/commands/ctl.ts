import type { Control } from '../../supervisor/protocol/api.ts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';

/** `cockpit ctl CONTROL`: what the key of that name does. */
export async function ctl(options: GlobalOptions, control: Control): Promise<void> {
  await withClient(options, (client) => client.request('ctl', { control }));
}
