import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Paths } from '../supervisor/protocol/paths.ts';
import { showProgram } from './cliTerminal.ts';
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
  runInTerminal(name: string, args: string[]): void {
    vscode.window.createTerminal({ name, shellPath: process.execPath, shellArgs: this.#argv(args), env: nodeEnv(), isTransient: true }).show();
  }

  /** The same with `input` on its stdin, which never shows. */
  showWithInput(name: string, args: string[], input: string): void {
    showProgram(name, [process.execPath, ...this.#argv(args)], { ...process.env, ...nodeEnv() }, input);
  }

  /** Runs a command of the CLI to its end and returns what it printed; `input` goes to its stdin. Rejects with what it said if it fails. */
  async call(args: string[], input = ''): Promise<string> {
    return await run([...this.#argv(args)], { input });
  }

  /** The same without a data directory: the command finds its own below `cwd`. */
  async callIn(cwd: string, args: string[]): Promise<string> {
    return await run([this.#entry, ...args], { cwd });
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

async function run(argv: string[], { cwd, input = '' }: { cwd?: string; input?: string }): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const child = execFile(process.execPath, argv, { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...nodeEnv() }, timeout: 60_000 }, (error, stdout, stderr) => {
      // `cockpit: ` is what a person reads before it anyway.
      if (error) reject(new Error(stderr.trim().replace(/^cockpit: /, '') || error.message, { cause: error }));
      else resolve(stdout);
    });
    child.stdin?.end(input);
  });
}

/** In a desktop editor the extension host's program is Electron, which is Node only when it is told. */
function nodeEnv(): Record<string, string> {
  return { ELECTRON_RUN_AS_NODE: '1' };
}
