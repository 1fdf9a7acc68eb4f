import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import { bytesArgument } from '../../src/supervisor/adapters/tmux/argument.ts';
import { linesOf, type TmuxCommand } from '../../src/supervisor/adapters/tmux/command.ts';
import { adoptCommand, claimCommand, guardedWrite, releaseCommand, type GuardReply, type WritePayload } from '../../src/supervisor/adapters/tmux/guard.ts';
import { interleave } from '../measure/interleave.ts';
import type { Outcome, Row, Target } from '../row.ts';
import { startRemote } from '../setup/remote.ts';

const install = 'bench';
const name = 'bench@here';

/** A write that the remote tmux checks, against one that nobody checks. */
export const guardRow: Row = {
  name: 'guard',
  about: 'guarded write against a bare one; claim',
  isQuick: false,
  async run({ rounds }) {
    const remote = await startRemote(1, 10, 'stty raw -echo; exec cat >/dev/null');
    try {
      const [host] = remote.hosts;
      const session = host?.sessions.at(-1);
      if (!host || !session) throw new Error('no session');
      const channel = await ControlChannel.open(await remote.shell(host.alias), { tmuxSocket: host.tmux.socket, target: '$0', flags: ['ignore-size', 'no-output'] });
      const { mark, server } = await channel.request(adoptCommand(session.id, install, name, 0));
      const fence = { server, owner: mark.owner, epoch: mark.epoch };
      const guarded = (payload: WritePayload) => async () => { mustAccept(await channel.request(guardedWrite(session, fence, payload))); };
      const keys = Buffer.from('git status --short\r');
      const text = Buffer.from('0123456789abcdef'.repeat(256));
      const writes = await interleave(Math.ceil(12 * rounds), {
        keys: { perRound: 40, run: guarded({ kind: 'keys', bytes: keys }) },
        bareKeys: { perRound: 40, run: () => channel.request(bare([`send-keys -t ${session.paneId} -H ${hex(keys)}`])) },
        paste: { perRound: 20, run: guarded({ kind: 'paste', bytes: text }) },
        barePaste: { perRound: 20, run: () => channel.request(bare([`set-buffer -b bench -- ${bytesArgument(text)}`, `paste-buffer -p -r -d -b bench -t ${session.paneId}`])) },
      });
      const other = host.sessions[0]?.id ?? '$0';
      const claims = await interleave(Math.ceil(12 * rounds), {
        claim: { perRound: 30, run: () => channel.request(claimCommand(other, install, name)) },
        release: { perRound: 30, run: () => channel.request(releaseCommand(other, install, name)) },
        option: { perRound: 30, run: () => channel.request(bare([`set-option -t '${other}' @bench x`])) },
      });
      channel.dispose();
      return [writeOutcome('Write of 19 bytes of keys', writes.keys, writes.bareKeys), writeOutcome('Write of 4 kB of text', writes.paste, writes.barePaste), claimOutcome(claims)];
    } finally {
      await remote.stop();
    }
  },
};

function writeOutcome(title: string, ours: number[], unguarded: number[]): Outcome {
  const targets: Target[] = [{ of: 'ratio', to: 'bare', atMost: 1.5 }];
  return { title, unit: 'ms', series: [{ role: 'ours', name: 'guarded', samples: ours, targets }, { role: 'floor', name: 'bare', samples: unguarded }] };
}

function claimOutcome({ claim, release, option }: Record<'claim' | 'release' | 'option', number[]>): Outcome {
  return {
    title: 'Claim and release',
    unit: 'ms',
    series: [
      { role: 'ours', name: 'claim', samples: claim },
      { role: 'ours', name: 'release', samples: release },
      { role: 'floor', name: 'one set-option', samples: option },
    ],
  };
}

/** Commands as they are, with their blocks waited for as the guard's are when there are several. */
function bare(commands: string[]): TmuxCommand<void> {
  return { line: commands.join(' ; '), composite: commands.length > 1, parse: (blocks) => void linesOf(blocks) };
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').replace(/..(?!$)/g, '$& ');
}

function mustAccept(reply: GuardReply): void {
  if (reply.kind !== 'accepted') throw new Error(`refused: ${reply.reason}`);
}
