import { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import { displayMessage } from '../../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import type { TmuxChannels } from '../tmuxChannels.ts';
import type { TmuxFixture } from '../tmuxServer.ts';
import { delayedLink, type DelayedLink } from './delayedShell.ts';
import { actors, type ActorName } from './schedule.ts';

type OpenLink = { link: DelayedLink; channel: ControlChannel };

/** The links of all actors to one tmux server, kept from schedule to schedule. */
export type Lane = {
  readonly tmux: TmuxFixture;
  /** The stage hand's channel, which no schedule delays or cuts. */
  readonly stage: ControlChannel;
  /** An actor's link; after a cut another one, or null when there is none left until the next schedule. */
  open(actor: ActorName): OpenLink | null;
  cut(actor: ActorName, delivers: boolean): void;
};

/** Lanes on one tmux server. */
export type Lanes = {
  /** Runs `work` in a lane of its own; links that were cut are replaced before, when no lane works. */
  use<T>(at: number, work: (lane: Lane) => Promise<T>): Promise<T>;
};

const sparesPerLane = 6;

/**
 * Opens lanes; their channels end with those of `t`. tmux up to 3.6 crashes if it has something to tell while a control client is about to attach
 * (tmux PR 4980), so clients are attached in batches while nothing else happens.
 */
export async function openLanes(t: TmuxChannels, count: number): Promise<Lanes> {
  const stages = await Promise.all(Array.from({ length: count }, () => t.open()));
  const spares: { person: OpenLink[]; cockpit: OpenLink[] } = { person: [], cockpit: [] };
  const ended: Promise<unknown>[] = [];
  const links = stages.map(() => new Map<ActorName, OpenLink>());
  let working = 0;
  let turn: Promise<void> = Promise.resolve();
  let idle = Promise.withResolvers<undefined>();

  const kindOf = (actor: ActorName) => (actor === 'person' ? 'person' : 'cockpit');
  const refill = async () => {
    await Promise.all(ended.splice(0));
    for (const stage of stages) await stage.request(displayMessage('$0', 'quiet'));
    for (const kind of ['person', 'cockpit'] as const) {
      const wanted = kind === 'person' ? count : count * (actors.length - 1 + sparesPerLane);
      const missing = Array.from({ length: Math.max(0, wanted - spares[kind].length) }, () => openLink(t, kind === 'person' ? [] : ['ignore-size', 'no-output']));
      spares[kind].push(...(await Promise.all(missing)));
    }
  };
  const isShort = () => spares.person.length === 0 || spares.cockpit.length < count;
  const take = (at: number, actor: ActorName): OpenLink | null => {
    const known = links[at]?.get(actor);
    if (known) return known;
    const spare = spares[kindOf(actor)].pop();
    if (spare) links[at]?.set(actor, spare);
    return spare ?? null;
  };
  const enter = async () => {
    // One at a time: who finds too few links waits until nobody works.
    const before = turn;
    const mine = Promise.withResolvers<undefined>();
    turn = mine.promise;
    await before;
    try {
      while (isShort()) {
        if (working === 0) await refill();
        else await idle.promise;
      }
      working++;
    } finally {
      mine.resolve(undefined);
    }
  };
  return {
    async use(at, work) {
      const stage = stages[at];
      if (!stage) throw new Error(`no lane ${at}`);
      await enter();
      try {
        return await work({
          tmux: t.tmux,
          stage,
          open: (actor) => take(at, actor),
          cut(actor, delivers) {
            const open = links[at]?.get(actor);
            links[at]?.delete(actor);
            if (open) ended.push(open.link.cut(delivers));
          },
        });
      } finally {
        working--;
        if (working === 0) {
          idle.resolve(undefined);
          idle = Promise.withResolvers<undefined>();
        }
      }
    },
  };
}

async function openLink(t: TmuxChannels, flags: string[]): Promise<OpenLink> {
  const link = delayedLink(t.shell);
  const shell = { ...t.shell, open: (...args: Parameters<DelayedLink['shell']['open']>) => link.shell.open(...args) };
  return { link, channel: await ControlChannel.open(shell, { tmuxSocket: t.tmux.socket, target: '$0', flags }) };
}
