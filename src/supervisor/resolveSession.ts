import { HumanError } from './base/errors.ts';
import { findHost, type Fleet, type Host, type RemoteSession } from './domain/fleet.ts';
import type { SessionRef } from './domain/ids.ts';
import { nearest } from './domain/nearest.ts';

/** A host by alias, or an error with the nearest alias. */
export function resolveHost(fleet: Fleet, alias: string): Host {
  const host = findHost(fleet, alias);
  if (host) return host;
  const known = fleet.hosts.map((row) => row.config.alias);
  const hint = nearest(alias, known);
  throw new HumanError('unknown-host', `There is no host ${JSON.stringify(alias)}.${hint ? ` Did you mean ${JSON.stringify(hint)}?` : ''} Configured: ${known.join(', ') || 'none'}.`);
}

/** A managed session by `HOST/NAME` (with or without `cockpit-`) or `HOST/$ID`. */
export function resolveSession(fleet: Fleet, text: string): { ref: SessionRef; host: Host; session: RemoteSession } {
  const slash = text.indexOf('/');
  if (slash <= 0) throw new HumanError('bad-session', `${JSON.stringify(text)} is not a session: write HOST/NAME or HOST/$ID, as \`cockpit status\` shows them.`, { exitCode: 2 });
  const host = resolveHost(fleet, text.slice(0, slash));
  const wanted = text.slice(slash + 1);
  const session = host.sessions.find(({ observed }) => observed.id === wanted) ?? host.sessions.find(({ observed }) => observed.name === wanted || observed.name === `cockpit-${wanted}`);
  if (session) return { ref: { alias: host.config.alias, id: session.observed.id }, host, session };
  const names = host.sessions.map(({ observed }) => observed.name);
  const hint = nearest(wanted, names);
  throw new HumanError('unknown-session', `${host.config.alias} has no session ${JSON.stringify(wanted)}.${hint ? ` Did you mean ${JSON.stringify(hint)}?` : ''} It has: ${names.join(', ') || 'none'}.`);
}
