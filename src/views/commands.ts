import * as vscode from 'vscode';
import { HumanError, messageOf } from '../supervisor/base/errors.ts';
import type { Logger } from '../supervisor/base/logger.ts';
import type { Control } from '../supervisor/protocol/api.ts';
import type { Connection } from './connection.ts';
import { showDocument, type ScreenDocuments } from './documents.ts';
import type { FleetTree } from './fleetTree.ts';
import { answerSession } from './answer.ts';
import { commandIds, contextKeys, type CommandId } from './ids.ts';
import { logAccountsIn, setPassword } from './logIn.ts';
import type { NeedsTree } from './needsTree.ts';
import type { PairTerminals } from './pairTerminals.ts';
import type { AccountPasswords } from './passwords.ts';
import { needsYou, plain } from './treeItems.ts';
import { pickHost, pickSession } from './pickSession.ts';
import { adoptSessions, unmanagedSessions } from './adoptSessions.ts';
import { runSetup } from './setupFlow.ts';

/** What a menu or link names: a row of the tree, or the host and session themselves. */
export type Target = { host?: string; session?: string | null } | undefined;

/** What the commands work with. */
export type CommandDeps = {
  connection: Connection;
  pair: PairTerminals;
  tree: FleetTree;
  needs: NeedsTree;
  documents: ScreenDocuments;
  logger: Logger;
  configPath: string;
  showLog: () => void;
  runInTerminal: (name: string, args: string[]) => void;
  /** What a command of the CLI prints. */
  textOf: (args: string[]) => Promise<string>;
  /** What a command of the CLI prints; rejects with what it says if it fails. */
  call: (args: string[], input?: string) => Promise<string>;
  /** Runs a command of the CLI in a terminal, with `input` on its stdin. */
  showWithInput: (name: string, args: string[], input: string) => void;
  passwords: AccountPasswords;
  startDemo: () => Promise<void>;
  cleanDemo: () => Promise<void>;
};

type Handler = (target: Target) => unknown;

/** Registers every command: the one door to `registerCommand`. A failure is shown to the person who asked. */
export function registerCommands(deps: CommandDeps): vscode.Disposable {
  const handlers = { ...controlHandlers(deps), ...sessionHandlers(deps), ...hostHandlers(deps), ...windowHandlers(deps) } satisfies Record<CommandId, Handler>;
  const registered = Object.entries(handlers).map(([id, handler]: [string, Handler]) =>
    vscode.commands.registerCommand(id, async (target: Target) => {
      try {
        await handler(target);
      } catch (error) {
        deps.logger.warn(`${id} failed`, { error: messageOf(error) });
        void vscode.window.showErrorMessage(`Cockpit: ${messageOf(error)}`);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

function controlHandlers({ connection, pair }: CommandDeps) {
  const control = (name: Control) => async () => {
    await connection.request('ctl', { control: name });
    await pair.show({ preserveFocus: false });
  };
  return {
    [commandIds.nextHost]: control('next-host'),
    [commandIds.previousHost]: control('previous-host'),
    [commandIds.nextSession]: control('next-session'),
    [commandIds.previousSession]: control('previous-session'),
    [commandIds.nextAttention]: control('next-attention'),
    [commandIds.toggleFocus]: () => pair.toggle(),
    [commandIds.toggleWake]: async (target: Target) => {
      const host = target?.host;
      // The key toggles the selected host; a button names its own, which is selected for it.
      if (host !== undefined && host !== statusOf(connection).selected.host) await connection.request('select', { host, session: null, focus: null });
      await connection.request('ctl', { control: 'toggle-wake' });
    },
    [commandIds.down]: async () => {
      const sure = await vscode.window.showWarningMessage('Take the cockpit down? Its agents and connections end; the remote sessions go on.', { modal: true }, 'Take down');
      if (sure === 'Take down') await connection.request('down', {});
    },
    [commandIds.start]: () => {
      connection.start(true);
    },
  };
}

function sessionHandlers({ connection, pair, documents, tree, needs }: CommandDeps) {
  const sessionOf = async (target: Target, placeHolder: string): Promise<string | null> => target?.session ?? (await pickSession(statusOf(connection), placeHolder));
  const open = async (session: string) => {
    await connection.request('select', { host: session.slice(0, session.indexOf('/')), session, focus: null });
    await pair.show({ preserveFocus: false });
  };
  const withSession = (placeHolder: string, use: (session: string) => Promise<unknown>) => async (target: Target) => {
    const session = await sessionOf(target, placeHolder);
    if (session !== null) await use(session);
  };
  const confirmed = async (question: string, yes: string): Promise<boolean> => (await vscode.window.showWarningMessage(question, { modal: true }, yes)) === yes;
  return {
    [commandIds.openSession]: withSession('Open a session', open),
    [commandIds.openRow]: async () => {
      const session = tree.selected?.session;
      if (session) await open(session);
    },
    [commandIds.goToSession]: withSession('Go to a session', open),
    [commandIds.answer]: async (target: Target) => {
      const session = target?.session ?? (await pickSession(statusOf(connection), 'Answer which session?', needsYou));
      if (session === null) return;
      try {
        await answerSession(connection, session, open);
      } finally {
        needs.refresh();
      }
    },
    [commandIds.showPair]: () => pair.show({ preserveFocus: false }),
    [commandIds.peek]: withSession('Peek at a session', async (session) => {
      await showDocument(documents, 'peek', nameOf(connection, session), (await connection.request('session/peek', { session })).text);
    }),
    [commandIds.scrollback]: withSession('Read the history of a session', async (session) => {
      await showDocument(documents, 'scrollback', nameOf(connection, session), (await connection.request('session/scrollback', { session })).text);
    }),
    [commandIds.explain]: withSession('Explain the state of a session', async (session) => {
      const { state, evidence, conflicts } = await connection.request('explain', { session });
      const lines = [`${nameOf(connection, session)} is ${state}`, '', ...evidence.map((row) => `${row.source} says ${row.says} (${Math.round(row.ageMs / 1000)} s ago): ${row.value}`), ...conflicts.map((text) => `conflict: ${text}`)];
      await showDocument(documents, 'explain', nameOf(connection, session), lines.join('\n'));
    }),
    [commandIds.copyAttach]: withSession('Copy the attach command of a session', async (session) => {
      const { argv } = await connection.request('session/attachArgv', { session, claim: false });
      await vscode.env.clipboard.writeText(argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' '));
    }),
    [commandIds.interruptAgent]: withSession('Interrupt the agent of a session', (session) => connection.request('session/interruptAgent', { session })),
    [commandIds.releaseClaim]: async () => {
      const { host } = statusOf(connection).selected;
      if (host !== null) await connection.request('select', { host, session: null, focus: 'agent' });
    },
    [commandIds.takeOver]: withSession('Take over a session', (session) => connection.request('session/takeOver', { session })),
    [commandIds.releaseAdopted]: withSession('Give a session back under its old name', (session) => connection.request('session/release', { session })),
    [commandIds.killSession]: withSession('End a session', async (session) => {
      if (await confirmed(`End ${session} and what runs in it?`, 'End it')) await connection.request('session/kill', { session });
    }),
  };
}

function hostHandlers({ connection, pair, runInTerminal }: CommandDeps) {
  const withHost = (placeHolder: string, use: (host: string) => Promise<unknown>) => async (target: Target) => {
    const host = target?.host ?? (await pickHost(statusOf(connection), placeHolder));
    if (host !== null) await use(host);
  };
  return {
    [commandIds.reconnect]: withHost('Reconnect a host', (host) => connection.request('host/reconnect', { host })),
    [commandIds.connect]: withHost('Connect to a host in a terminal', async (host) => {
      await connection.request('host/connectArgv', { host });
      runInTerminal(`Connect ${host}`, ['connect', host]);
    }),
    [commandIds.newSession]: withHost('Make a session on a host', async (host) => {
      const dir = await vscode.window.showInputBox({ title: `New session on ${host} (1/2)`, prompt: 'Folder on the host; empty is the home folder' });
      if (dir === undefined) return;
      const prompt = await vscode.window.showInputBox({ title: `New session on ${host} (2/2)`, prompt: 'Prompt for Codex; empty starts a shell' });
      if (prompt === undefined) return;
      const made = await connection.request('session/new', { host, name: null, dir: dir || null, prompt: prompt || null });
      await connection.request('select', { host, session: `${host}/${made.id}`, focus: null });
      await pair.show({ preserveFocus: false });
    }),
    [commandIds.adopt]: withHost('Adopt sessions of a host', async (host) => {
      if ((await unmanagedSessions(connection, host)).length === 0) throw new HumanError('none-to-adopt', `${host} has no other tmux sessions.`);
      await adoptSessions(connection, host, `Adopt sessions of ${plain(host)}`);
    }),
  };
}

function windowHandlers({ connection, documents, textOf, call, showWithInput, passwords, tree, showLog, configPath, startDemo, cleanDemo }: CommandDeps) {
  const sort = (sortByNeed: boolean) => async () => {
    tree.setOptions({ sortByNeed });
    await vscode.commands.executeCommand('setContext', contextKeys.sortByNeed, sortByNeed);
  };
  return {
    [commandIds.filter]: async () => {
      const filter = await vscode.window.showInputBox({ prompt: 'Show only hosts and sessions whose name holds this', value: tree.options.filter });
      if (filter !== undefined) tree.setOptions({ filter });
    },
    [commandIds.sortByNeed]: sort(true),
    [commandIds.sortByHost]: sort(false),
    [commandIds.showLog]: showLog,
    [commandIds.editConfig]: () => vscode.commands.executeCommand('vscode.open', vscode.Uri.file(configPath)),
    [commandIds.setup]: () => runSetup({ connection, call, passwords }),
    [commandIds.logIn]: () => logAccountsIn({ call, passwords, showWithInput }),
    [commandIds.setPassword]: () => setPassword({ call, passwords }),
    [commandIds.doctor]: async () => {
      const text = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Cockpit: Doctor' }, () => textOf(['doctor']));
      await showDocument(documents, 'doctor', 'Cockpit', text);
    },
    [commandIds.startDemo]: startDemo,
    [commandIds.cleanDemo]: cleanDemo,
    [commandIds.repairKeys]: () => repairKeys(),
  };
}

/** Adds our key commands to the person's own list of commands that skip the shell. */
async function repairKeys(): Promise<void> {
  const { missingKeyCommands, withKeyCommands } = await import('./functionKeys.ts');
  const settings = vscode.workspace.getConfiguration('terminal.integrated');
  const own = settings.get<string[]>('commandsToSkipShell', []);
  if (missingKeyCommands(own).length > 0) await settings.update('commandsToSkipShell', withKeyCommands(own), vscode.ConfigurationTarget.Global);
}

/** What a session is called, for people: `HOST/NAME`. */
function nameOf(connection: Connection, session: string): string {
  const alias = session.slice(0, session.indexOf('/'));
  const row = statusOf(connection).hosts.find((host) => host.alias === alias)?.sessions.find(({ id }) => session === `${alias}/${id}`);
  return row ? plain(`${alias}/${row.name}`) : session;
}

function statusOf(connection: Connection) {
  const { status } = connection;
  if (!status) throw new HumanError('no-supervisor', 'No supervisor runs. Run the command "Cockpit: Start".', { exitCode: 3 });
  return status;
}
