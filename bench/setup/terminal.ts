import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import { plainCommand } from '../../src/supervisor/adapters/tmux/command.ts';
import { textArgument } from '../../src/supervisor/adapters/tmux/argument.ts';
import type { Shell } from '../../src/supervisor/adapters/shell/shell.ts';
import { startTmux, type TmuxFixture } from '../../test/support/tmuxServer.ts';

/** A person's terminal (a pane of a tmux of its own): what a program writes to it is known the moment it comes. */
export type Terminal = {
  /** Ends what runs in it and starts another program with just this environment; resolves when tmux took the command. */
  start(argv: readonly string[], env: Record<string, string>, cwd: string): Promise<void>;
  type(bytes: string): Promise<void>;
  /** When all texts had been written to the terminal since this call (monotonic ms). */
  shows(...texts: string[]): Promise<number>;
  stop(): Promise<void>;
};

const neverMs = 15_000;

/** Starts an empty one, 160 columns and 48 rows. */
export async function startTerminal(shell: Shell): Promise<Terminal> {
  const tmux = await startTmux();
  try {
    return await openIn(tmux, shell);
  } catch (error) {
    await tmux.stop();
    throw error;
  }
}

async function openIn(tmux: TmuxFixture, shell: Shell): Promise<Terminal> {
  await tmux.run('set-option', '-g', 'status', 'off', ';', 'set-option', '-s', 'escape-time', '0', ';', 'set-option', '-g', 'remain-on-exit', 'on');
  await tmux.run('resize-window', '-t', '$0', '-x', '160', '-y', '48');
  const channel = await ControlChannel.open(shell, { tmuxSocket: tmux.socket, target: '$0', flags: ['ignore-size'] });
  return {
    async start(argv, env, cwd) {
      const words = ['env', '-i', ...Object.entries({ TERM: 'tmux-256color', ...env }).map(([name, value]) => `${name}=${value}`), ...argv];
      // A window of its own: tmux 3.3a can crash when a pane is respawned while a control client still has output of it to come.
      await channel.request(plainCommand(`new-window -k -t '$0:0' -c ${textArgument(cwd)} ${words.map(textArgument).join(' ')}`));
    },
    type: (bytes) => channel.request(plainCommand(`send-keys -t '$0:' -H ${Buffer.from(bytes).toString('hex').replace(/..(?!$)/g, '$& ')}`)),
    shows(...texts) {
      const found = Promise.withResolvers<number>();
      let written = '';
      const listener = channel.onNotification((news) => {
        if (news.kind !== 'output') return;
        written += news.data.toString('latin1');
        if (texts.every((text) => written.includes(text))) found.resolve(performance.now());
      });
      const timer = setTimeout(() => { found.reject(new Error(`the terminal never showed ${texts.join(' and ')}`)); }, neverMs);
      return found.promise.finally(() => {
        clearTimeout(timer);
        listener.dispose();
      });
    },
    async stop() {
      channel.dispose();
      await tmux.stop();
    },
  };
}
