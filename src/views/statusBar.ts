import * as vscode from 'vscode';
import type { Connection, Phase } from './connection.ts';
import { commandIds } from './ids.ts';
import { needCount, plain, refusalWords } from './treeItems.ts';

/** The status bar: what is shown and who writes, and how many sessions need a person (VSC-6). */
export class StatusBar implements vscode.Disposable {
  readonly #shown = vscode.window.createStatusBarItem('cockpit.shown', vscode.StatusBarAlignment.Left, 50);
  readonly #needs = vscode.window.createStatusBarItem('cockpit.needs', vscode.StatusBarAlignment.Left, 49);
  readonly #subscription: { dispose(): void };

  constructor(connection: Connection) {
    this.#shown.name = 'Cockpit';
    this.#needs.name = 'Cockpit: sessions that need you';
    this.#needs.command = commandIds.nextAttention;
    this.#subscription = connection.onDidChange((phase) => {
      this.#update(phase);
    });
    this.#update(connection.phase);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#shown.dispose();
    this.#needs.dispose();
  }

  #update(phase: Phase): void {
    const { text, tooltip, command } = shownText(phase);
    this.#shown.text = text;
    this.#shown.tooltip = tooltip;
    this.#shown.command = command;
    this.#shown.show();
    const needs = phase.kind === 'running' ? needCount(phase.status) : 0;
    this.#needs.text = `$(bell-dot) ${needs}`;
    this.#needs.tooltip = `${needs} ${needs === 1 ? 'session needs' : 'sessions need'} you: go to the next one`;
    this.#needs.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    if (needs > 0) this.#needs.show();
    else this.#needs.hide();
  }
}

function shownText(phase: Phase): { text: string; tooltip: string; command: string } {
  switch (phase.kind) {
    case 'starting':
      return { text: '$(sync~spin) Cockpit', tooltip: 'Cockpit is starting', command: commandIds.showLog };
    case 'waiting':
      return { text: '$(server) Cockpit', tooltip: 'Start it in this window', command: commandIds.start };
    case 'noConfig':
      return { text: '$(server) Cockpit: set up', tooltip: 'Choose hosts', command: commandIds.setup };
    case 'down':
      return { text: '$(debug-stop) Cockpit is down', tooltip: 'Start it', command: commandIds.start };
    case 'failed':
      return { text: '$(error) Cockpit', tooltip: phase.why, command: commandIds.showLog };
    case 'running':
      return runningText(phase);
  }
}

function runningText({ status }: Extract<Phase, { kind: 'running' }>): { text: string; tooltip: string; command: string } {
  const host = status.hosts.find((row) => row.alias === status.selected.host);
  const session = host?.sessions.find((row) => row.id === status.selected.session);
  if (!host) return { text: '$(server) Cockpit', tooltip: 'No host is configured', command: commandIds.editConfig };
  const wake = host.wake ? '' : ' · Wake off';
  if (!session) return { text: `$(server) ${plain(host.alias)}${wake}`, tooltip: `${plain(host.alias)}: ${host.state}${host.lastError === null ? '' : `, ${plain(host.lastError)}`}`, command: commandIds.goToSession };
  const writes = { human: '$(edit) you write', agent: '$(hubot) agent writes', foreign: '$(lock) another cockpit', unread: '$(question) nobody yet' }[session.owner];
  const refused = refusalWords(session) === '' ? '' : ` · $(circle-slash) ${refusalWords(session)}`;
  return {
    text: `$(server) ${plain(host.alias)}/${plain(session.name)} · ${session.state} · ${writes}${refused}${wake}`,
    tooltip: ['Go to another session', ...status.supervisor.notices].map(plain).join('\n'),
    command: commandIds.goToSession,
  };
}
