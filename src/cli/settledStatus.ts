import { delay } from '../supervisor/base/clock.ts';
import type { StatusView } from '../supervisor/protocol/statusView.ts';
import type { CockpitClient } from './client.ts';

const patienceMs = 15_000;

/** The status once no host is connecting and no agent is starting any more, or after 15 s as it is then. */
export async function settledStatus(client: CockpitClient): Promise<StatusView> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const view = await client.request('status', {});
    if (isSettled(view) || performance.now() > deadline) return view;
    await delay(100);
  }
}

function isSettled(view: StatusView): boolean {
  return view.hosts.every(
    (host) => host.state !== 'connecting' && (host.state !== 'online' || (host.sessions.length > 0 && host.sessions.every((session) => session.owner !== 'unread' && session.agent.state !== 'starting' && session.agent.state !== 'not-started'))),
  );
}
