import { delay } from '../../supervisor/base/clock.ts';
import type { HostView } from '../../supervisor/protocol/statusView.ts';
import type { CockpitClient } from '../client.ts';

/** ssh's own limit for a connection is 10 s; the rest is for the first listing. */
const patienceMs = 15_000;

/** The hosts once none is connecting any more and every listing came, or after 15 s as they are then. Agents are not waited for. */
export async function settledHosts(client: CockpitClient, signal: AbortSignal): Promise<HostView[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { hosts } = await client.request('status', {}, { signal });
    const isSettled = hosts.every((host) => host.state !== 'connecting' && (host.state !== 'online' || host.ageMs !== null));
    if (isSettled || performance.now() > deadline) return hosts;
    await delay(100, signal);
  }
}
