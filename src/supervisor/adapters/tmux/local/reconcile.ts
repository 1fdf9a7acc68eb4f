import type { Launch } from './launch.ts';
import { launchHash, launchWords } from './launch.ts';
import type { PanePlan, SeenPane, SeenSession, SeenWindow, SessionPlan, WindowPlan } from './layout.ts';
import type { RespawnPacer } from './respawnPacer.ts';
import { escapeFormat, plainText, shortHash, type Words } from './tmuxText.ts';

/** Runs tmux commands as one list; the lines that each of them printed. */
export type RunTmux = (commands: readonly Words[]) => Promise<string[][]>;

/** What a step found: nothing to do, new labels only, or panes and windows that had to be made, started or ended. */
export type Step = 'met' | 'relabelled' | 'repaired';

/**
 * One step from what is there towards the plan. Sessions that cockpit did not make (grouped sessions of an
 * editor window, the keep-alive session) are not touched. Nothing is taken away from a session before all that belongs there exists.
 */
export async function reconcileOnce(run: RunTmux, plan: readonly SessionPlan[], seen: readonly SeenSession[], pacer: RespawnPacer): Promise<Step> {
  const changes: Words[] = [];
  const added: NewPane[] = [];
  for (const session of plan) {
    if (session.kept) continue;
    const there = seen.find((one) => one.name === session.name);
    if (!there) changes.push(...createSession(session));
    else planSession(session, there, pacer, changes, added);
  }
  for (const { id, name, owned } of seen) {
    if (owned && !plan.some((session) => session.name === name)) changes.push(['kill-session', '-t', id]);
  }
  if (added.length > 0) changes.push(...(await addPanes(run, added)));
  if (changes.length === 0) return 'met';
  await run(changes);
  return added.length > 0 || changes.some(([name]) => name !== 'rename-window' && name !== 'set-option') ? 'repaired' : 'relabelled';
}

/** A command that makes a pane and prints its id, and the marks that the pane is to get. */
type NewPane = { make: Words; marks: (pane: string) => Words[] };

async function addPanes(run: RunTmux, added: readonly NewPane[]): Promise<Words[]> {
  const printed = await run(added.map(({ make }) => make));
  return added.flatMap(({ marks }, index) => marks(printed[index]?.[0] ?? ''));
}

/** One list, so a session is never there without its marks. */
function createSession(plan: SessionPlan): Words[] {
  const [window] = plan.windows;
  const [pane] = window?.panes ?? [];
  if (!window || !pane) return [];
  const target = `=${plan.name}:`;
  return [
    ['new-session', '-d', '-s', plan.name, '-n', escapeFormat(window.label), ...launchWords(pane.launch)],
    ...sessionMarks(target, plan),
    ...windowMarks(target, window),
    ...paneMarks(target, pane),
  ];
}

function planSession(plan: SessionPlan, there: SeenSession, pacer: RespawnPacer, changes: Words[], added: NewPane[]): void {
  if (!there.owned) changes.push(...sessionMarks(`${there.id}:`, plan));
  const kept = new Set<SeenWindow>();
  for (const window of plan.windows) {
    const existing = there.windows.find((one) => one.key === window.key);
    if (!existing) {
      added.push(...newWindow(there, window));
      continue;
    }
    kept.add(existing);
    if (existing.labelHash !== labelHash(window)) changes.push(['rename-window', '-t', existing.id, escapeFormat(window.label)], ...windowMarks(existing.id, window));
    planPanes(`${plan.name}/${window.key}`, window, existing, pacer, changes, added);
  }
  if (added.length > 0) return;
  for (const window of there.windows) if (!kept.has(window)) changes.push(['kill-window', '-t', window.id]);
  changes.push(...reorder(plan, there, kept));
}

function newWindow(session: SeenSession, plan: WindowPlan): NewPane[] {
  const [pane] = plan.panes;
  if (!pane) return [];
  return [
    {
      make: ['new-window', '-d', '-P', '-F', '#{pane_id}', '-t', `${session.id}:`, '-n', escapeFormat(plan.label), ...launchWords(pane.launch)],
      marks: (id) => [...windowMarks(id, plan), ...paneMarks(id, pane)],
    },
  ];
}

function planPanes(place: string, plan: WindowPlan, there: SeenWindow, pacer: RespawnPacer, changes: Words[], added: NewPane[]): void {
  const kept = new Set<SeenPane>();
  for (const pane of plan.panes) {
    const existing = there.panes.find((one) => one.role === pane.role);
    if (!existing) continue;
    kept.add(existing);
    const hash = launchHash(pane.launch);
    const relaunched = existing.launch !== hash;
    const ended = existing.dead || existing.pid !== existing.launchedPid;
    if (relaunched || (ended && pacer.mayRespawn(`${place}/${pane.role}`))) changes.push(...respawn(existing.id, pane));
  }
  const missing = plan.panes.flatMap((pane, index) => (there.panes.some((one) => one.role === pane.role) ? [] : [{ pane, index }]));
  // One at a time: where the next one goes depends on this one.
  const [first] = missing;
  if (first) added.push(...splitFor(plan, there, first));
  else for (const pane of there.panes) if (!kept.has(pane)) changes.push(['kill-pane', '-t', pane.id]);
}

function splitFor(plan: WindowPlan, there: SeenWindow, { pane, index }: { pane: PanePlan; index: number }): NewPane[] {
  const seen = (role: string | undefined) => there.panes.find((one) => one.role === role);
  const above = seen(plan.panes[index - 1]?.role);
  const beside = above ?? seen(plan.panes[index + 1]?.role) ?? there.panes[0];
  if (!beside) return [];
  const where = above ? ['-l', '45%'] : ['-b', '-l', '55%'];
  return [
    {
      make: ['split-window', '-d', '-v', ...where, '-P', '-F', '#{pane_id}', '-t', beside.id, ...launchWords(pane.launch)],
      marks: (id) => paneMarks(id, pane),
    },
  ];
}

/** Starts a pane's process anew, ending what runs there. */
export function respawn(target: string, plan: { role: string; launch: Launch }): Words[] {
  return [['respawn-pane', '-k', '-t', target, ...launchWords(plan.launch)], ['clear-history', '-t', target], ...paneMarks(target, plan)];
}

function reorder(plan: SessionPlan, there: SeenSession, kept: ReadonlySet<SeenWindow>): Words[] {
  const now = there.windows.filter((window) => kept.has(window)).map((window) => window.key);
  if (plan.windows.every((window, index) => window.key === now[index])) return [];
  const moves = plan.windows.flatMap((window, index) => {
    const existing = there.windows.find((one) => one.key === window.key);
    return existing ? [['move-window', '-d', '-s', existing.id, '-t', `${there.id}:${1000 + index}`]] : [];
  });
  return [...moves, ['move-window', '-r', '-t', `${there.id}:`]];
}

function sessionMarks(target: string, plan: SessionPlan): Words[] {
  const options = Object.entries({ cockpit_owned: '1', ...plan.options });
  return options.map(([name, value]) => ['set-option', '-t', target, `@${name}`, plainText(value)]);
}

function windowMarks(target: string, plan: WindowPlan): Words[] {
  const options = Object.entries({ ...plan.options, cockpit_window: plan.key, cockpit_label: labelHash(plan) });
  return options.map(([name, value]) => ['set-option', '-w', '-t', target, `@${name}`, plainText(value)]);
}

function paneMarks(target: string, { role, launch }: PanePlan): Words[] {
  return [
    ['set-option', '-p', '-t', target, '@cockpit_role', role],
    ['set-option', '-p', '-t', target, '@cockpit_launch', launchHash(launch)],
    ['set-option', '-p', '-F', '-t', target, '@cockpit_pid', '#{pane_pid}'],
  ];
}

function labelHash(plan: WindowPlan): string {
  return shortHash(JSON.stringify([plan.label, plan.options ?? {}]));
}
