import { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import type { TmuxChannels } from '../tmuxChannels.ts';
import type { TmuxFixture } from '../tmuxServer.ts';
import { delayedLink, type DelayedLink } from './delayedShell.ts';
import { actors, type ActorName } from './schedule.ts';

/** The links of all actors to one tmux server, kept from schedule to schedule. */
export type Lane = {
  readonly tmux: TmuxFixture;
  /** The stage hand's channel, which no schedule delays or cuts. */
  readonly stage: ControlChannel;
  /** An actor's link and channel; the channel is opened anew after a cut. */
  link(actor: ActorName): DelayedLink;
  channel(actor: ActorName): Promise<ControlChannel>;
  cut(actor: ActorName, delivers: boolean): void;
};

/** Opens a lane; its channels end with those of `t`. */
export async function openLane(t: TmuxChannels): Promise<Lane> {
  const stage = await t.open();
  const links = new Map(actors.map((actor) => [actor, delayedLink(t.shell)]));
  const channels = new Map<ActorName, Promise<ControlChannel>>();
  const linkOf = (actor: ActorName): DelayedLink => {
    const link = links.get(actor);
    if (!link) throw new Error(`no link of ${actor}`);
    return link;
  };
  return {
    tmux: t.tmux,
    stage,
    link: linkOf,
    channel(actor) {
      const known = channels.get(actor);
      if (known) return known;
      // A person's client has none of cockpit's flags.
      const flags = actor === 'person' ? [] : ['ignore-size', 'no-output'];
      const opened = ControlChannel.open({ ...t.shell, open: (...args) => linkOf(actor).shell.open(...args) }, { tmuxSocket: t.tmux.socket, target: '$0', flags });
      channels.set(actor, opened);
      return opened;
    },
    cut(actor, delivers) {
      channels.delete(actor);
      linkOf(actor).cut(delivers);
    },
  };
}
