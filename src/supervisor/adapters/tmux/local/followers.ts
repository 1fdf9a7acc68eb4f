import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/logger.ts';
import { installScripts, scriptPaths } from './scripts.ts';

const run = promisify(execFile);

/** Server option that names the session which followers show. */
const selectedOption = '@cockpit_selected';

/** Terminals outside the terminal layout (the editor's) that show one inner server and follow the selection. They find the selected session by an option of the server, also after it was made anew. */
export class Followers {
  readonly #socket: string;
  readonly #outerSocket: string;
  readonly #runtime: string;
  readonly #logger: Logger;

  constructor(options: { socket: string; outerSocket: string; runtime: string; logger: Logger }) {
    this.#socket = options.socket;
    this.#outerSocket = options.outerSocket;
    this.#runtime = options.runtime;
    this.#logger = options.logger;
  }

  /** argv for a terminal that follows. */
  argv(): string[] {
    installScripts(this.#runtime);
    return ['env', '-u', 'TMUX', '-u', 'TMUX_PANE', 'sh', scriptPaths(this.#runtime).half, this.#socket, selectedOption, 'keep'];
  }

  /** Makes every follower show a session of the server, by its (safe) name. */
  async show(session: string): Promise<void> {
    const [{ stdout }, halves] = await Promise.all([
      this.#tmux(this.#socket, ['set-option', '-g', selectedOption, session, ';', 'list-clients', '-F', '#{client_tty}|#{client_control_mode}|#{session_name}']),
      this.#halves(),
    ]);
    const followers = stdout.split('\n').flatMap((line) => {
      const [tty = '', control = '', shown = ''] = line.split('|');
      return tty === '' || control === '1' || shown === session || halves.has(tty) ? [] : [tty];
    });
    for (const tty of followers) {
      await this.#tmux(this.#socket, ['switch-client', '-c', tty, '-t', `=${session}`]).catch((error: unknown) => {
        // The terminal was closed, or is just attaching again and then reads the option.
        this.#logger.debug('a follower was not there to switch', { tty, error: messageOf(error) });
      });
    }
  }

  /** ttys of the terminal layout's halves, which stay with their host. */
  async #halves(): Promise<Set<string>> {
    try {
      return new Set((await this.#tmux(this.#outerSocket, ['list-panes', '-a', '-F', '#{pane_tty}'])).stdout.split('\n'));
    } catch {
      // No terminal cockpit stands, so it has no halves.
      return new Set();
    }
  }

  #tmux(socket: string, args: string[]): Promise<{ stdout: string }> {
    return run('tmux', ['-N', '-S', socket, ...args], { timeout: 5_000 });
  }
}
