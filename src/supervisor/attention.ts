import { spawn } from 'node:child_process';
import type { Clock } from './base/clock.ts';
import type { Disposable } from './base/disposable.ts';
import type { Logger } from './base/logger.ts';
import type { Config } from './domain/config.ts';
import { allSessions, selectedRef, type Fleet } from './domain/fleet.ts';
import { needsPerson } from './domain/selection.ts';
import type { Supervisor } from './supervisor.ts';

/** What `on_attention` gets as JSON on stdin. Names are text from the remote. */
export type AttentionEvent = { host: string; session: string; name: string; state: string; at: string };

/** The sessions that started to need a person with this change, but the one that the person writes into. */
export function newNeeds(before: Fleet, after: Fleet): { alias: string; id: string; name: string; state: string }[] {
  const needed = new Set(allSessions(before).filter(({ session }) => needsPerson(session)).map(({ session }) => session.key));
  const shown = after.focus === 'remote' ? selectedRef(after) : null;
  return allSessions(after)
    .filter(({ ref, session }) => needsPerson(session) && !needed.has(session.key) && !(shown?.alias === ref.alias && shown.id === ref.id))
    .map(({ ref, session }) => ({ alias: ref.alias, id: ref.id, name: session.observed.name, state: session.state }));
}

const onceInMs = 60_000;

/** Runs `on_attention` once for each session that starts to need a person. A failing command is logged and never stops anything. */
export function runOnAttention(supervisor: Supervisor, config: () => Config, clock: Clock, logger: Logger): Disposable {
  const lastMs = new Map<string, number>();
  return supervisor.onDidChange(({ before, fleet }) => {
    const { onAttention } = config();
    if (onAttention === null) return;
    for (const { alias, id, name, state } of newNeeds(before, fleet)) {
      const key = `${alias}/${id}`;
      // A remote that flickers must not start a program each time.
      if (clock.nowMs() - (lastMs.get(key) ?? -Infinity) < onceInMs) continue;
      lastMs.set(key, clock.nowMs());
      const event: AttentionEvent = { host: alias, session: key, name, state, at: new Date().toISOString() };
      runCommand(onAttention, event, logger);
    }
  });
}

function runCommand(command: string, event: AttentionEvent, logger: Logger): void {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'ignore', 'ignore'], timeout: 30_000 });
  child.on('error', (error) => {
    logger.warn('on_attention could not be run', { error: error.message });
  });
  child.on('exit', (code) => {
    if (code !== 0) logger.warn('on_attention failed', { exitCode: code });
  });
  // A command that does not read its stdin closes it: that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(event)}\n`);
}
