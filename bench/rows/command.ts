import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import { displayMessage } from '../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import { interleave } from '../measure/interleave.ts';
import type { Outcome, Row } from '../row.ts';
import { startEcho } from '../setup/echo.ts';
import { output } from '../setup/poller.ts';
import { localShell, startRemote } from '../setup/remote.ts';

const flags = ['ignore-size', 'no-output'];

/** One tmux command and its answer. */
export const commandRow: Row = {
  name: 'command',
  about: 'one tmux command at a remote, there and back',
  isQuick: true,
  async run({ rounds }) {
    const remote = await startRemote(1, 10);
    const echo = await startEcho();
    const local = await localShell();
    try {
      const [host] = remote.hosts;
      if (!host) throw new Error('no host');
      const options = { tmuxSocket: host.tmux.socket, target: '$0', flags } as const;
      const ours = await ControlChannel.open(await remote.shell(host.alias), options);
      const floor = await ControlChannel.open(local, options);
      const command = displayMessage('$0', '#{session_name}');
      const spawned = (over: 'master' | 'cold') => output(remote.sshArgv(host.alias, over, `tmux -S ${host.tmux.socket} display-message -p -t '$0' '#{session_name}'`));
      const samples = await interleave(Math.ceil(12 * rounds), {
        ours: { perRound: 60, run: () => ours.request(command) },
        master: { perRound: 5, run: () => spawned('master') },
        cold: { perRound: 1, run: () => spawned('cold') },
        local: { perRound: 60, run: () => floor.request(command) },
        echo: { perRound: 60, run: () => echo.roundTrip() },
      });
      ours.dispose();
      floor.dispose();
      return [outcomeOf(samples)];
    } finally {
      local.dispose();
      echo.stop();
      await remote.stop();
    }
  },
};

function outcomeOf(samples: Record<'ours' | 'master' | 'cold' | 'local' | 'echo', number[]>): Outcome {
  return {
    title: 'Command round trip',
    unit: 'ms',
    series: [
      { role: 'ours', name: 'tmux -C kept open over ssh', samples: samples.ours, targets: [{ of: 'median', atMost: 0.5 }] },
      { role: 'baseline', name: 'spawn ssh … tmux … over a ControlMaster', samples: samples.master },
      { role: 'baseline', name: 'spawn ssh … tmux … cold', samples: samples.cold },
      { role: 'floor', name: 'tmux -C kept open, no ssh', samples: samples.local },
      { role: 'floor', name: 'raw TCP echo', samples: samples.echo },
    ],
  };
}
