import { delay } from '../supervisor/base/clock.ts';
import type { HostView, StatusView } from '../supervisor/protocol/statusView.ts';
import type { CockpitClient } from './client.ts';

const patienceMs = 15_000;
/** Agents start some at a time; one that still waits this long after the last start is not going to run (`max_agents`). */
const startsFollowMs = 2_000;

/** The status once no host is connecting and no agent is starting any more, or after 15 s as it is then. */
export async function settledStatus(client: CockpitClient): Promise<StatusView> {
  const beganMs = performance.now();
  let startingMs = beganMs;
  for (;;) {
    const view = await client.request('status', {});
    const nowMs = performance.now();
    const sessions = view.hosts.flatMap((host) => (host.state === 'online' ? host.sessions : []));
    if (sessions.some((session) => session.agent.state === 'starting') || !view.hosts.every(isSettled)) startingMs = nowMs;
    const waits = sessions.some((session) => session.agent.state === 'not-started' && session.agent.error === null && session.supervisedBy === null);
    if (startingMs < nowMs && (!waits || nowMs - startingMs > startsFollowMs)) return view;
    if (nowMs - beganMs > patienceMs) return view;
    await delay(100);
  }
}

/** A host without tmux, or whose tmux makes no session, has none: its error says why. */
function isSettled(host: HostView): boolean {
  if (host.state !== 'online') return host.state !== 'connecting';
  return host.sessions.length === 0 ? host.lastError !== null : host.sessions.every((session) => session.owner !== 'unread');
}
