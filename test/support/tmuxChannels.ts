import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import { createShell } from '../../src/supervisor/adapters/shell/createShell.ts';
import type { Shell } from '../../src/supervisor/adapters/shell/shell.ts';
import { nullLogger } from '../../src/supervisor/base/logger.ts';
import type { HostConfig } from '../../src/supervisor/domain/config.ts';
import type { SessionId } from '../../src/supervisor/domain/ids.ts';
import { startTmux, type TmuxFixture } from './tmuxServer.ts';

/** A tmux server and a shell to open control channels to it. */
export type TmuxChannels = { tmux: TmuxFixture; shell: Shell; open(target?: SessionId, flags?: string[]): Promise<ControlChannel>; stop(): Promise<void> };

/** Starts both; the default target is the session that holds the server up. */
export async function startTmuxChannels(): Promise<TmuxChannels> {
  const tmux = await startTmux();
  const shell = createShell(localHost, { mastersDir: tmux.dir, sshAuthSock: null, logger: nullLogger });
  await shell.connect();
  const channels: ControlChannel[] = [];
  return {
    tmux,
    shell,
    async open(target = '$0', flags = ['ignore-size', 'no-output']) {
      const channel = await ControlChannel.open(shell, { tmuxSocket: tmux.socket, target, flags });
      channels.push(channel);
      return channel;
    },
    async stop() {
      for (const channel of channels) channel.dispose();
      await tmux.stop();
      shell.dispose();
    },
  };
}

const localHost: HostConfig = { alias: 'here', sshTarget: 'here', transport: 'local', tmuxSocket: null, forwardAgent: false, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {} };
