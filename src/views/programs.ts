import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Paths } from '../supervisor/protocol/paths.ts';
import type { Connection } from './connection.ts';

/** Runs the `cockpit` command line that comes with the extension. */
export class Programs {
  readonly #entry: string;
  readonly #paths: Paths;
  readonly #context: vscode.ExtensionContext;

  constructor(context: vscode.ExtensionContext, paths: Paths) {
    this.#context = context;
    this.#entry = join(context.extensionPath, 'dist', 'cockpit.js');
    this.#paths = paths;
    // `cockpit` works in every integrated terminal.
    context.environmentVariableCollection.description = 'The cockpit command';
    context.environmentVariableCollection.append('PATH', `:${join(context.extensionPath, 'dist', 'bin')}`);
    context.environmentVariableCollection.replace('COCKPIT_NODE', process.execPath);
    context.environmentVariableCollection.replace('COCKPIT_DATA_DIR', paths.dataDir);
  }

  /** Runs a command of the CLI in a terminal of the panel, where a person can answer. */
  runInTerminal(name: string, args: string[], whenClosed: () => void = () => undefined): void {
    const terminal = vscode.window.createTerminal({ name, shellPath: process.execPath, shellArgs: this.#argv(args), env: nodeEnv(), isTransient: true });
    const closing = vscode.window.onDidCloseTerminal((closed) => {
      if (closed !== terminal) return;
      closing.dispose();
      whenClosed();
    });
    terminal.show();
  }

  /** Runs a command of the CLI to its end; rejects with what it said if it fails. */
  async run(args: string[], cwd: string): Promise<void> {
    await new Promise<void>((done, fail) => {
      const child = spawn(process.execPath, [this.#entry, ...args], { cwd, env: { ...process.env, ...nodeEnv() }, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
      child.on('error', fail);
      child.on('exit', (code) => {
        if (code === 0) done();
        else fail(new Error(said.trim() || `cockpit ${args.join(' ')} ended with ${code ?? 'a signal'}`));
      });
    });
  }

  /** What a command of the CLI prints, whatever its exit code says. */
  async textOf(args: string[]): Promise<string> {
    return await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, this.#argv(args), { env: { ...process.env, ...nodeEnv() }, timeout: 60_000 }, (error, stdout, stderr) => {
        if (stdout === '' && error) reject(new Error(stderr.trim() || error.message));
        else resolve(stdout);
      });
    });
  }

  /** Once a supervisor runs, a standby process waits to go on when the last window closes (VSC-1). */
  keepStandby(connection: Connection, onError: (error: unknown) => void): void {
    let isKept = false;
    this.#context.subscriptions.push(
      connection.onDidChange((phase) => {
        if (phase.kind !== 'running') {
          isKept = isKept && phase.kind !== 'down';
          return;
        }
        if (isKept) return;
        isKept = true;
        const child = spawn(process.execPath, this.#argv(['supervise', '--standby']), { detached: true, stdio: 'ignore', cwd: '/', env: { ...process.env, ...nodeEnv() } });
        child.on('error', onError);
        child.unref();
      }),
    );
  }

  #argv(args: string[]): string[] {
    return [this.#entry, '--data-dir', this.#paths.dataDir, ...args];
  }
}

/** In a desktop editor the extension host's program is Electron, which is Node only when it is told. */
function nodeEnv(): Record<string, string> {
  return { ELECTRON_RUN_AS_NODE: '1' };
}
