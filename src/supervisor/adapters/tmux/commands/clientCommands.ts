import { isWindowId, type WindowId } from '../../../domain/ids.ts';
import { checkNumber, checkWord, formatArgument, textArgument } from '../argument.ts';
import { decodeUtf8, linesOf, plainCommand, TmuxError, type TmuxCommand } from '../command.ts';

/**
 * Reports a format by `%subscription-changed` at most once a second, while the window is one of the client's session; null ends it. The format may span
 * all sessions (`#{S:…}`). A name has one subscription: the next takes its place. Never one to the session itself: tmux (3.2 to 3.7 at least) looks at
 * those also between the end of a client's session and the client's own end, and crashes, which ends every session of the host.
 */
export function subscribe(name: string, windowId: WindowId, format: string | null): TmuxCommand<void> {
  const word = checkWord('name of a subscription', name);
  if (format === null) return plainCommand(`refresh-client -B ${word}`);
  if (!isWindowId(windowId)) throw new TmuxError('failed', 'a subscription needs a window');
  return plainCommand(`refresh-client -B ${formatArgument(`${word}:${windowId}:${format}`)}`);
}

/**
 * Marks the asking client as one of a supervisor, `INSTALL.LIFE.LINK.CONNECTION`, so that a later life can find what a crash left, and a later connection
 * of a link what a lost one left.
 * The mark is a server option named after the client's pid and holds when the client was made, because pids come again.
 */
export function markClient(mark: string): TmuxCommand<void> {
  return plainCommand(`set-option -sF '@cockpit_client_#{client_pid}' '${checkWord('mark', mark)} #{client_created}'`);
}

/** Marked clients: `stale` are those of another life of the asker's install, or of another connection of its link; `leftovers` are options of clients that are gone. */
export type MarkedClients = { stale: { pid: string; name: string }[]; leftovers: string[] };

/** Finds stale control clients. Nothing is stale for an asker that did not mark itself. */
function listMarkedClients(markPrefix: string): TmuxCommand<MarkedClients> {
  checkWord('prefix of a mark', markPrefix);
  return {
    line: "display-message -p '#{client_pid}' ; list-clients -F '#{client_pid} #{client_created} #{client_control_mode} #{client_name}' ; show-options -s",
    composite: true,
    parse: (blocks) => markedClients(linesOf(blocks), markPrefix),
  };
}

/**
 * Ends clients and removes leftover options. A client that went meanwhile is no error. tmux detaches a control client only after all its
 * output was read, and nobody reads for a stale one: so its process is killed too. The script holds nothing but digits that tmux gave.
 */
function endClients({ stale, leftovers }: MarkedClients): TmuxCommand<void> {
  const commands = [
    ...stale.flatMap(({ pid, name }) => [`detach-client -t ${textArgument(name)}`, `run-shell -b ${textArgument(`kill -9 ${checkNumber('pid', Number(pid))} 2>/dev/null || :`)}`]),
    ...leftovers.map((name) => `set-option -su ${name}`),
  ];
  return {
    // Each alone: the failure of one must not stop the rest.
    line: commands.map((command) => `if-shell -F 1 { ${command} }`).join(' ; ') || 'display-message -p nothing',
    composite: true,
    parse: (blocks) => {
      for (const block of blocks) if (!block.ok && !/can't find client/.test(block.lines.join(' '))) throw new TmuxError('failed', decodeUtf8(block.lines.join(' ')));
    },
  };
}

/** Ends the control clients that an earlier life of this install left; returns how many. Mark the asking client first. */
export async function detachStaleClients(channel: { request<T>(command: TmuxCommand<T>): Promise<T> }, markPrefix: string): Promise<number> {
  const marked = await channel.request(listMarkedClients(markPrefix));
  if (marked.stale.length + marked.leftovers.length > 0) await channel.request(endClients(marked));
  return marked.stale.length;
}

function markedClients(lines: string[], markPrefix: string): MarkedClients {
  const [ownPid = ''] = lines;
  const clients = new Map(lines.flatMap((line) => clientOf(line) ?? []));
  const marks = new Map(lines.flatMap((line) => markOfLine(line) ?? []));
  const own = marks.get(ownPid)?.mark;
  const stale: MarkedClients['stale'] = [];
  const leftovers: string[] = [];
  for (const [pid, { mark, created }] of marks) {
    const client = clients.get(pid);
    if (client?.created !== created) leftovers.push(`@cockpit_client_${pid}`);
    else if (client.control && own !== undefined && mark.startsWith(markPrefix) && isStale(mark.slice(markPrefix.length), own.slice(markPrefix.length))) stale.push({ pid, name: client.name });
  }
  return { stale, leftovers };
}

/** Marks without their install. Another link of the same life is in use: two aliases may be one machine. */
function isStale(mark: string, own: string): boolean {
  const [[life, link], [ownLife, ownLink]] = [mark.split('.'), own.split('.')];
  return life !== ownLife || (link === ownLink && mark !== own);
}

function clientOf(line: string): [string, { created: string; control: boolean; name: string }][] | null {
  const match = /^(\d+) (\d+) ([01]?) (.+)$/.exec(line);
  if (!match) return null;
  const [, pid = '', created = '', control = '', name = ''] = match;
  return [[pid, { created, control: control === '1', name }]];
}

function markOfLine(line: string): [string, { mark: string; created: string }][] | null {
  const match = /^@cockpit_client_(\d+) "?([A-Za-z0-9._@-]+) (\d+)"?$/.exec(line);
  if (!match) return null;
  const [, pid = '', mark = '', created = ''] = match;
  return [[pid, { mark, created }]];
}
