import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import * as vscode from 'vscode';

/** A program in a terminal of the panel that gets its secrets through stdin, which a terminal's own process has not. Ctrl-C interrupts it; when it has ended, any key closes the terminal. */
export function showProgram(name: string, argv: readonly string[], env: NodeJS.ProcessEnv, input: string): void {
  const written = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number>();
  const write = (text: string) => { written.fire(text.replace(/\r?\n/g, '\r\n')); };
  let child: ChildProcessWithoutNullStreams | null = null;
  const end = (how: string) => {
    child = null;
    write(`\n${how} Any key closes this terminal.\n`);
  };
  const [program = '', ...args] = argv;
  const terminal = vscode.window.createTerminal({
    name,
    pty: {
      onDidWrite: written.event,
      onDidClose: closed.event,
      open() {
        child = spawn(program, args, { env, stdio: 'pipe' });
        for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', write);
        // 'close' comes behind it.
        child.on('error', (error) => { write(`${error.message}\n`); });
        child.on('close', (code) => { end(code === 0 ? 'Done.' : 'It did not work.'); });
        // One that ends before it reads says why.
        child.stdin.on('error', () => undefined);
        child.stdin.end(input);
      },
      close() {
        child?.kill('SIGTERM');
      },
      handleInput(keys: string) {
        if (child === null) closed.fire(0);
        else if (keys === '\x03') child.kill('SIGINT');
      },
    },
    isTransient: true,
  });
  terminal.show();
}
