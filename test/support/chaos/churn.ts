import { pick } from './random.ts';
import type { World } from './world.ts';

const mostSessions = 3;
let count = 0;

/** One step of the orchestrator: adds, removes or renames a session of some host. Tells what it did. */
export async function churnOnce(world: World, random: () => number): Promise<string> {
  const host = pick(world.hosts, random);
  const ids = (await world.remote(host, 'list-sessions', '-F', '#{session_id}')).split('\n').filter(Boolean);
  const dice = random();
  count += 1;
  const name = `cockpit-n${count}`;
  if (ids.length < 2 || (ids.length < mostSessions && dice < 0.4)) {
    await world.newSession(host, name);
    return `${host.alias}: added ${name}`;
  }
  const id = pick(ids, random);
  if (dice < 0.7) {
    await world.remote(host, 'kill-session', '-t', id);
    return `${host.alias}: removed ${id}`;
  }
  await world.remote(host, 'rename-session', '-t', id, name);
  return `${host.alias}: renamed ${id} to ${name}`;
}
