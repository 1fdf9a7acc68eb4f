import { isPaneId, isSessionId, isWindowId } from '../../../domain/ids.ts';
import type { ObservedSession, TmuxServer } from '../../../domain/remoteSession.ts';
import { quote } from '../../shell/shell.ts';
import { formatArgument } from '../argument.ts';
import { linesOf, TmuxError, tmuxErrorCode, type TmuxCommand } from '../command.ts';
import { fieldReader, numberField, randomWord, type FieldReader } from '../fields.ts';
import { markOf, markVariables } from '../mark.ts';
import { socketArgs } from '../tmuxSocket.ts';
import { versionText } from '../../../domain/tmuxVersion.ts';

/** All sessions of a server, each with the active pane of its current window (DISC-9). */
export type SessionListing = { server: TmuxServer; sessions: ObservedSession[] };

/** What a host without a control channel answers; `version` is e.g. `3.3a`. */
export type ListingReply = { kind: 'no-tmux' } | { kind: 'no-server'; version: string } | { kind: 'sessions'; version: string; listing: SessionListing };

const variables = [
  ...['session_id', 'session_created', 'session_attached', 'window_id', 'pane_id', 'pane_dead', 'pane_width', 'pane_height'] as const,
  ...['session_name', 'pane_title', 'pane_current_command'] as const,
  ...markVariables,
] as const;
type Variable = (typeof variables)[number];

/** Lists all sessions over a control channel, in one round trip. */
export function listSessions(): TmuxCommand<SessionListing> {
  const fields = fieldReader(variables);
  return {
    line: `list-sessions -F ${formatArgument(fields.format)}`,
    composite: false,
    parse(blocks) {
      const listing = listingOf(fields, linesOf(blocks).join('\n'));
      if (!listing) throw new TmuxError('no-session', 'tmux lists no sessions');
      return listing;
    },
  };
}

/** A script whose output `parseListing` reads: the version of tmux and the same listing. */
export function listSessionsScript(tmuxSocket: string | null): string {
  const word = randomWord();
  return [
    'unset TMUX TMUX_PANE',
    `echo listing-${word}`,
    'if version=$(tmux -V 2>/dev/null); then',
    `  printf '%s\\n' "$version"`,
    `  tmux ${quote('-u', ...socketArgs(tmuxSocket), 'list-sessions', '-F', fieldReader(variables, word).format)} 2>&1`,
    'fi',
    'exit 0',
    '',
  ].join('\n');
}

/** Reads the output of `listSessionsScript`. Throws a `TmuxError` (`failed`) with tmux's words if tmux could not be asked. */
export function parseListing(stdout: Buffer): ListingReply {
  const [head = '', version = '', ...rest] = stdout.toString('latin1').split('\n');
  const word = /^listing-([0-9a-f]+)$/.exec(head)?.[1];
  if (word === undefined) throw new TmuxError('failed', `not a listing: ${JSON.stringify(head.slice(0, 100))}`);
  if (version === '') return { kind: 'no-tmux' };
  const text = rest.join('\n');
  const listing = listingOf(fieldReader(variables, word), text);
  if (listing) return { kind: 'sessions', version: versionText(version), listing };
  const message = text.trim();
  // With exit-empty off a server may run without any session: to cockpit that is the same.
  if (message === '' || tmuxErrorCode(message) === 'no-server') return { kind: 'no-server', version: versionText(version) };
  throw new TmuxError('failed', message.slice(0, 500));
}

function listingOf(fields: FieldReader<Variable>, text: string): SessionListing | null {
  const records = fields.parse(text);
  const [first] = records;
  return first ? { server: markOf(first).server, sessions: records.map(sessionOf) } : null;
}

function sessionOf(values: Record<Variable, string>): ObservedSession {
  const { session_id: id, window_id: windowId, pane_id: paneId } = values;
  if (!isSessionId(id) || !isWindowId(windowId) || !isPaneId(paneId)) throw new TmuxError('failed', `tmux listed ${JSON.stringify([id, windowId, paneId])} as ids`);
  return {
    id,
    name: values.session_name,
    created: numberField(values.session_created),
    attached: numberField(values.session_attached),
    windowId,
    paneId,
    paneTitle: values.pane_title,
    paneCommand: values.pane_current_command,
    paneDead: values.pane_dead === '1',
    width: numberField(values.pane_width),
    height: numberField(values.pane_height),
    mark: markOf(values).mark,
  };
}
