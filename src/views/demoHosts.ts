import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Logger } from '../supervisor/base/logger.ts';
import type { Programs } from './programs.ts';

const isOnKey = 'demo';

/** The demo in the editor: its files are in the extension's global storage, and a window shows either the demo or the real hosts. */
export class DemoHosts {
  readonly #context: vscode.ExtensionContext;
  readonly #logger: Logger;

  constructor(context: vscode.ExtensionContext, logger: Logger) {
    this.#context = context;
    this.#logger = logger;
  }

  /** Data directory of the demo while it is shown, else null. */
  get dataDir(): string | null {
    return this.#context.globalState.get(isOnKey) === true ? join(this.#folder, '.cockpit-demo', 'data') : null;
  }

  async start(programs: Programs): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Starting the demo' }, () => programs.callIn(this.#folder, ['demo', '--no-attach']));
    await this.#show(true);
  }

  async clean(programs: Programs): Promise<void> {
    await programs.callIn(this.#folder, ['demo-clean']);
    await this.#show(false);
  }

  get #folder(): string {
    return this.#context.globalStorageUri.fsPath;
  }

  /** The data directory is chosen at activation, so the window starts anew. */
  async #show(isOn: boolean): Promise<void> {
    await this.#context.globalState.update(isOnKey, isOn);
    this.#logger.info('the window is loaded again', { demo: isOn });
    await vscode.commands.executeCommand('workbench.action.reloadWindow');
  }
}
