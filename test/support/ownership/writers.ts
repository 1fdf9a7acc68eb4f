import { delay } from '../../../src/supervisor/base/clock.ts';
import type { WatchedSession } from './arena.ts';
import { grantClient, type Install } from './install.ts';
import { writeFrame } from './paneLog.ts';

/** A text that an agent sent through its tools, and what it was told of it. */
export type Sent = {
  id: number;
  from: 'a' | 'b';
  session: WatchedSession;
  text: string;
  outcome: 'accepted' | 'refused' | 'partial' | 'unknown';
  reason: string | null;
  /** Its supervisor was started anew since the agent last looked. */
  blind: boolean;
};

/** Agents that look and write as fast as they can, from `go` to `stop`. */
export type Writers = { /** Sent since `go`. */ readonly count: number; go(): void; /** Resolves when no call is under way; gives what was sent since `go`. */ stop(): Promise<Sent[]>; dispose(): Promise<void> };

let ids = 0;

/** One agent per cockpit and session, each with a grant of `cockpit grant`. */
export async function startWriters(installs: Record<'a' | 'b', Install>, sessions: WatchedSession[]): Promise<Writers> {
  let running = false;
  let sent: Sent[] = [];
  let loops: Promise<void>[] = [];
  const agents = await Promise.all(
    (['a', 'b'] as const).flatMap((from) =>
      sessions.map(async (session) => {
        const install = installs[from];
        const grant = JSON.parse(await install.fixture.must('grant', `box/${session.id}`, '--json')) as { url: string; token: string };
        return { from, session, install, client: await grantClient(grant), lookedAtLife: -1 };
      }),
    ),
  );
  const work = async (agent: (typeof agents)[number]) => {
    const { from, session, install, client } = agent;
    for (let round = 0; running; round++) {
      const life = install.life;
      try {
        // Now and then without a look, as an agent that acts on what it saw before.
        if (round % 5 !== 4) {
          // Before it, because a look whose answer is lost was one all the same.
          agent.lookedAtLife = life;
          await client.look();
        }
        const id = ++ids;
        const text = writeFrame(id, Buffer.from(`é;"'$#{pid} ${'x'.repeat(round % 40)}`)).toString();
        const one: Sent = { id, from, session, text, outcome: 'unknown', reason: null, blind: false };
        sent.push(one);
        const result = await client.send(text, round % 3 === 0);
        one.blind = agent.lookedAtLife !== life && life === install.life;
        Object.assign(one, { outcome: result.outcome, reason: result.reason });
        if (result.outcome === 'refused') await delay(15);
      } catch {
        // The supervisor was killed under the call: that is `unknown`. The next one listens on the same port.
        await delay(30);
      }
    }
  };
  return {
    get count() {
      return sent.length;
    },
    go() {
      running = true;
      sent = [];
      loops = agents.map(work);
    },
    async stop() {
      running = false;
      await Promise.all(loops);
      return sent;
    },
    async dispose() {
      running = false;
      await Promise.all(loops);
      await Promise.all(agents.map(({ client }) => client.close()));
    },
  };
}
