import { z } from 'zod';
import type { Store } from './adapters/store/store.ts';
import type { Disposable } from './base/disposable.ts';
import { selectedRef, type Fleet, type Focus } from './domain/fleet.ts';
import type { Supervisor } from './supervisor.ts';

const focusSchema = z.enum(['remote', 'agent']);
const aliasSchema = z.string().nullable();

/** What the view was when the last supervisor ended. */
export function rememberedView(store: Store): { focus: Focus; selectedAlias: string | null } {
  return { focus: store.getSetting('focus', focusSchema) ?? 'agent', selectedAlias: store.getSetting('selectedHost', aliasSchema) };
}

/** Stores selection, focus and wake switches whenever a person changes them. */
export function rememberView(supervisor: Supervisor, store: Store): Disposable {
  return supervisor.onDidChange(({ before, fleet }) => {
    if (before.focus !== fleet.focus) store.setSetting('focus', fleet.focus);
    if (before.selectedAlias !== fleet.selectedAlias) store.setSetting('selectedHost', fleet.selectedAlias);
    const wake = wakeOf(fleet);
    if (JSON.stringify(wakeOf(before)) !== JSON.stringify(wake)) store.setSetting('wake', wake);
    const shown = selectedRef(fleet);
    if (shown && selectedRef(before)?.id !== shown.id) store.setSetting(`selectedSession:${shown.alias}`, shown.id);
  });
}

const wakeOf = (fleet: Fleet): Record<string, boolean> => Object.fromEntries(fleet.hosts.map((host) => [host.config.alias, host.wake]));
