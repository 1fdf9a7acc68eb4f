import { z } from 'zod';
import type { Store } from './adapters/store/store.ts';
import type { Disposable } from './base/disposable.ts';
import { messageOf } from './base/errors.ts';
import type { Logger } from './base/logger.ts';
import type { Fact } from './domain/facts.ts';
import type { Fleet, Focus } from './domain/fleet.ts';
import type { Supervisor } from './supervisor.ts';

const focusSchema = z.enum(['remote', 'agent']);
const wakeSchema = z.record(z.string(), z.object({ isOn: z.boolean(), configured: z.boolean() }));
const aliasSchema = z.string().nullable();

/** What the view was when the last supervisor ended. */
export function rememberedView(store: Store): { focus: Focus; selectedAlias: string | null } {
  return { focus: store.getSetting('focus', focusSchema) ?? 'agent', selectedAlias: store.getSetting('selectedHost', aliasSchema) };
}

/** Wake switches (WAKE-2) and selected sessions by alias, as they were last. */
export function rememberedHosts(store: Store): Extract<Fact, { kind: 'configured' }>['remembered'] {
  return { wake: store.getSetting('wake', wakeSchema) ?? {}, selected: store.getSetting('selectedSessions', z.record(z.string(), z.string())) ?? {} };
}

/** Stores selection, focus and wake switches whenever a person changes them. */
export function rememberView(supervisor: Supervisor, store: Store, logger: Logger): Disposable {
  return supervisor.onDidChange(({ before, fleet }) => {
    try {
      remember(before, fleet, store);
    } catch (error) {
      // A full disk must not keep a person's key from acting (OWN-8).
      logger.error('the view could not be stored', { error: messageOf(error) });
    }
  });
}

function remember(before: Fleet, fleet: Fleet, store: Store): void {
  if (before.focus !== fleet.focus) store.setSetting('focus', fleet.focus);
  if (before.selectedAlias !== fleet.selectedAlias) store.setSetting('selectedHost', fleet.selectedAlias);
  const selected = selectedOf(fleet);
  if (JSON.stringify(selectedOf(before)) !== JSON.stringify(selected)) store.setSetting('selectedSessions', selected);
  const wake = wakeOf(fleet);
  if (JSON.stringify(wakeOf(before)) !== JSON.stringify(wake)) store.setSetting('wake', wake);
}

const selectedOf = (fleet: Fleet): Record<string, string> => Object.fromEntries(fleet.hosts.flatMap((host) => (host.selectedId === null ? [] : [[host.config.alias, host.selectedId]])));

const wakeOf = (fleet: Fleet): z.infer<typeof wakeSchema> => Object.fromEntries(fleet.hosts.map((host) => [host.config.alias, { isOn: host.wake, configured: host.config.wake }]));
