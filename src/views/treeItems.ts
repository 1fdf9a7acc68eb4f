import { accountStateWords, limitWords, rotationWords } from '../supervisor/protocol/accountWords.ts';
import type { HostView, SessionView, StatusView } from '../supervisor/protocol/statusView.ts';

/** A row of the tree, without anything of the editor: what it says, how it looks, what can be done with it. Texts of a remote are only ever text. */
export type Row = {
  /** Stable identity, never a label. */
  id: string;
  kind: 'host' | 'session' | /** of what a session asks */ 'line' | 'option';
  host: string;
  /** `HOST/$ID` of a session. */
  session: string | null;
  label: string;
  description: string;
  tooltip: string;
  /** Theme icon and, where it helps, a theme colour. */
  icon: { name: string; color: string | null };
  /** For when clauses of menus: words with blanks between them. */
  context: string;
  /** What a screen reader says. */
  speech: string;
  children: Row[];
};

/** How the tree is shown. */
export type TreeOptions = { filter: string; sortByNeed: boolean };

const needs = new Set<SessionView['state']>(['needs-input', 'auth-needed', 'out-of-tokens', 'error']);

/** Whether a session waits for a person. */
export const needsYou = (session: SessionView): boolean => needs.has(session.state);

/** How many sessions wait for a person. */
export const needCount = (status: StatusView): number => status.hosts.flatMap((host) => host.sessions).filter(needsYou).length;

/** The rows of the tree. */
export function rowsOf(status: StatusView, options: TreeOptions): Row[] {
  const rows = status.hosts.map((host) => hostRow(host, status, options)).filter((row) => matches(row, options.filter));
  if (!options.sortByNeed) return rows;
  const rank = (row: Row) => row.children.filter((child) => child.context.includes('needsYou')).length;
  return [...rows].sort((a, b) => rank(b) - rank(a));
}

function matches(row: Row, filter: string): boolean {
  return filter === '' || row.children.length > 0 || row.label.toLowerCase().includes(filter.toLowerCase());
}

function hostRow(host: HostView, status: StatusView, options: TreeOptions): Row {
  const word = options.filter.toLowerCase();
  const sessions = host.sessions.filter((session) => word === '' || host.alias.toLowerCase().includes(word) || session.name.toLowerCase().includes(word));
  const ordered = options.sortByNeed ? [...sessions].sort((a, b) => Number(needsYou(b)) - Number(needsYou(a))) : sessions;
  const facts = host.facts;
  const wake = host.wake ? '' : 'Wake off';
  return {
    id: `host:${host.alias}`,
    kind: 'host',
    host: host.alias,
    session: null,
    label: plain(host.alias),
    description: [host.state === 'online' ? '' : host.state, host.state === 'online' && facts ? `${facts.cpus} CPUs, ${gib(facts.ramBytes)}` : '', wake].filter(Boolean).join(' · '),
    tooltip: [
      `${host.alias}: ${host.state}`,
      host.lastError ?? '',
      facts ? `${facts.hostname}, ${facts.os}, ${facts.cpus} CPUs, ${gib(facts.ramBytes)}${facts.gpus.length > 0 ? `, ${facts.gpus.join(', ')}` : ''}` : '',
      host.tmux === null ? '' : `tmux ${host.tmux}`,
      host.wake ? 'Wake remote' : 'Wake off',
    ]
      .filter(Boolean)
      .map(plain)
      .join('\n'),
    icon: hostIcon(host),
    context: ['host', host.state, host.wake ? 'wakeOn' : 'wakeOff'].join(' '),
    speech: `${plain(host.alias)}, ${host.state}, ${host.sessions.length} sessions`,
    children: ordered.map((session) => sessionRow(host, session, status)),
  };
}

function sessionRow(host: HostView, session: SessionView, status: StatusView): Row {
  const isShown = status.selected.host === host.alias && status.selected.session === session.id;
  const owner = ownerWords(session);
  return {
    id: `session:${session.key}`,
    kind: 'session',
    host: host.alias,
    session: `${host.alias}/${session.id}`,
    label: plain(session.name.replace(/^cockpit-/, '')) || session.id,
    description: [session.state, owner, refusalWords(session), session.agent.state === 'idle' ? '' : `agent ${session.agent.state}`].filter(Boolean).join(' · '),
    tooltip: [
      `${host.alias}/${session.id} ${session.name}`,
      `state: ${session.state}`,
      `title: ${session.title}`,
      `owner: ${owner || 'agent writes'}${session.epoch === null ? '' : `, epoch ${session.epoch}`}`,
      refusalWords(session),
      `agent: ${session.agent.state}${session.agent.error === null ? '' : ` (${session.agent.error})`}, ${session.agent.model}`,
      accountLine(session, status),
      rotationWords(session),
    ]
      .filter(Boolean)
      .map(plain)
      .join('\n'),
    icon: sessionIcon(session),
    context: ['session', session.owner, needsYou(session) ? 'needsYou' : '', isShown ? 'shown' : '', session.agent.state === 'working' ? 'agentWorks' : '', session.supervisedBy === null ? '' : 'foreignSupervised'].filter(Boolean).join(' '),
    speech: `${plain(session.name)} on ${plain(host.alias)}, ${[session.state, owner || 'agent writes', refusalWords(session)].filter(Boolean).join(', ')}`,
    children: [],
  };
}

/** The account that the agent works with and its windows (ACCT-7), or ''. */
function accountLine({ account }: SessionView, { accounts }: StatusView): string {
  const found = accounts.find(({ key }) => key === account);
  return found ? `account: ${[found.key, accountStateWords(found), ...found.limits.map(limitWords)].join(', ')}` : '';
}

function ownerWords(session: SessionView): string {
  if (session.supervisedBy !== null) return `supervised by ${session.supervisedBy}`;
  if (session.owner === 'human') return `you write${session.claimAgeMs === null ? '' : ` (${age(session.claimAgeMs)})`}`;
  return session.owner === 'unread' ? 'nobody writes yet' : '';
}

/** What the agent tried in vain, or ''. */
export function refusalWords({ lastRefusal }: SessionView): string {
  if (lastRefusal === null) return '';
  return `agent's ${lastRefusal.tool} refused${lastRefusal.reason === 'human-owns' ? ': you write' : ` (${lastRefusal.reason})`}`;
}

function hostIcon(host: HostView): Row['icon'] {
  switch (host.state) {
    case 'online':
      return { name: 'server', color: null };
    case 'connecting':
      return { name: 'sync~spin', color: null };
    case 'needs-login':
      return { name: 'key', color: 'list.warningForeground' };
    case 'offline':
      return { name: 'debug-disconnect', color: 'list.errorForeground' };
  }
}

function sessionIcon(session: SessionView): Row['icon'] {
  switch (session.state) {
    case 'working':
      return { name: 'sync~spin', color: 'charts.blue' };
    case 'needs-input':
      return { name: 'bell-dot', color: 'list.warningForeground' };
    case 'idle':
      return { name: 'pass', color: 'charts.green' };
    case 'out-of-tokens':
      return { name: 'credit-card', color: 'list.warningForeground' };
    case 'auth-needed':
      return { name: 'key', color: 'list.warningForeground' };
    case 'error':
      return { name: 'error', color: 'list.errorForeground' };
    case 'shell':
      return { name: 'terminal', color: null };
    case 'offline':
      return { name: 'debug-disconnect', color: null };
    case 'unknown':
      return { name: 'question', color: null };
  }
}

/**
 * Text of a remote as one visible line: control and direction characters become escapes, at most 128 characters. What the editor would take for an
 * icon (`$(name)`) or, in a notification, for a link (`[text](command:…)`) is parted by a blank.
 */
export function plain(text: string): string {
  const whole = inert(text);
  return whole.length > 128 ? `${whole.slice(0, 127)}…` : whole;
}

/** The same, whole. */
export function inert(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  return visible.replace(/([$\]])\(/g, '$1 (');
}

export function age(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

const gib = (bytes: number): string => `${Math.round(bytes / 2 ** 30)} GiB`;
