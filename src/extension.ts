import * as vscode from 'vscode';
import { resolve } from 'node:path';
import { createLogger } from './supervisor/base/logger.ts';
import { messageOf } from './supervisor/base/errors.ts';
import { defaultDataDir, pathsOf } from './supervisor/protocol/paths.ts';
import type { StatusView } from './supervisor/protocol/statusView.ts';
import { registerCommands } from './views/commands.ts';
import { Connection } from './views/connection.ts';
import { DemoHosts } from './views/demoHosts.ts';
import { ScreenDocuments } from './views/documents.ts';
import { FleetTree } from './views/fleetTree.ts';
import { offerKeyRepair } from './views/keyRepair.ts';
import { NeedsTree } from './views/needsTree.ts';
import { Notifications } from './views/notifications.ts';
import { ownSupervisor } from './views/ownSupervisor.ts';
import { PairTerminals } from './views/pairTerminals.ts';
import { AccountPasswords } from './views/passwords.ts';
import { showPhase } from './views/phase.ts';
import { Programs } from './views/programs.ts';
import { registerLinks } from './views/links.ts';
import { startsUnasked } from './views/remote.ts';
import { StatusBar } from './views/statusBar.ts';
import { registerTerminalProfile } from './views/terminalProfile.ts';
import { offerWalkthrough } from './views/walkthrough.ts';

let connection: Connection | null = null;

/** Registers what is seen and starts connecting; everything slow happens behind it. */
export function activate(context: vscode.ExtensionContext): { activateMs: number; status(): StatusView | null } {
  const startedMs = performance.now();
  const channel = vscode.window.createOutputChannel('Cockpit', { log: true });
  const logger = createLogger((line, level) => { channel[level](line); }, 'debug');
  const settings = vscode.workspace.getConfiguration('cockpit');
  const demo = new DemoHosts(context, logger);
  const paths = pathsOf(demo.dataDir ?? resolve(defaultDataDir(process.env, settings.get<string>('dataDir') || undefined)));
  const programs = new Programs(context, paths);
  const call = (args: string[], input?: string) => programs.call(args, input);
  const own = (asked: boolean) => ownSupervisor(context.asAbsolutePath('dist/supervisor.cjs'), { dataDir: paths.dataDir, asked }, (level, line) => { channel[level](line); });
  connection = new Connection({ paths, own, logger });
  const report = (error: unknown) => { logger.warn('a request failed', { error: messageOf(error) }); };
  const pair = new PairTerminals({ connection, memory: context.workspaceState, onError: report });
  const tree = new FleetTree(connection, report);
  const needs = new NeedsTree(connection, report);
  const documents = new ScreenDocuments();
  context.subscriptions.push(
    channel,
    pair,
    tree,
    needs,
    documents,
    new StatusBar(connection),
    new Notifications(connection, () => pair.isVisible, report),
    showPhase(connection),
    offerWalkthrough(connection, context, report),
    registerLinks(connection),
    registerTerminalProfile(connection),
    registerCommands({
      connection,
      pair,
      tree,
      needs,
      documents,
      logger,
      configPath: paths.config,
      showLog: () => { channel.show(); },
      runInTerminal: (name, args) => { programs.runInTerminal(name, args); },
      textOf: (args) => programs.textOf(args),
      call,
      showWithInput: (name, args, input) => { programs.showWithInput(name, args, input); },
      passwords: new AccountPasswords(call, context.secrets, paths.dataDir),
      startDemo: () => demo.start(programs),
      cleanDemo: () => demo.clean(programs),
    }),
  );
  if (settings.get<boolean>('keepRunning', true)) programs.keepStandby(connection, report);
  void offerKeyRepair();
  if (startsUnasked(vscode.env.remoteName)) connection.start(false);
  else connection.wait();
  return { activateMs: performance.now() - startedMs, status: () => connection?.status ?? null };
}

/** Lets go of the data directory, so that another window or the standby goes on at once. */
export async function deactivate(): Promise<void> {
  await connection?.close();
}
