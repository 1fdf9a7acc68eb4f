import { delay } from '../../supervisor/base/clock.ts';
import type { HostView } from '../../supervisor/protocol/statusView.ts';
import type { CockpitClient } from '../client.ts';

/** ssh's own limit for a connection is 10 s; the rest is for the first listing. */
const patienceMs = 15_000;
/** What a machine is (CONF-5) is told after its sessions; a host that does not tell is shown without. */
const factsPatienceMs = 5_000;

/** The hosts once none is connecting any more and their listings and facts came, or after 15 s as they are then. Agents are not waited for. */
export async function settledHosts(client: CockpitClient, signal: AbortSignal): Promise<HostView[]> {
  const beganMs = performance.now();
  for (;;) {
    const { hosts } = await client.request('status', {}, { signal });
    const waitedMs = performance.now() - beganMs;
    if (hosts.every((host) => isSettled(host, waitedMs)) || waitedMs > patienceMs) return hosts;
    await delay(100, signal);
  }
}

function isSettled(host: HostView, waitedMs: number): boolean {
  if (host.state !== 'online') return host.state !== 'connecting';
  return host.ageMs !== null && ((host.facts !== null && host.tmux !== null) || waitedMs > factsPatienceMs);
}
