import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startScriptedModel } from '../../src/demo/scriptedModel.ts';
import { scriptedProvider } from '../../test/support/codex.ts';
import { until } from '../../test/support/until.ts';
import type { Outcome, Row } from '../row.ts';
import { buildProduct, startProduct, type Product } from '../setup/product.ts';
import { startRemote, type RemoteSession } from '../setup/remote.ts';

const idleSeconds = 1;
const composer = '\r\n\r\n› Ask Codex to do anything\r\n\r\n  model · ~/x';
/** A change of the remote's state forgets that nudges led to nothing, so that none backs off. */
const screens = { idle: `\u001b[2J\u001b[H\r\n• done${composer}`, error: `\u001b[2J\u001b[H\r\n■ Something went wrong${composer}` } as const;

/** An idle agent whose nudge is due, until its Codex has put it to the model. */
export const nudgeRow: Row = {
  name: 'nudge',
  about: 'a nudge is due → the model has it',
  isQuick: false,
  async run({ rounds }) {
    buildProduct();
    const remote = await startRemote(1, 1);
    const nudges: number[] = [];
    const model = await startScriptedModel({
      script({ prompt }) {
        if (prompt.startsWith('Review the paired remote session')) nudges.push(performance.now());
        return { kind: 'say', text: 'Nothing to do.' };
      },
    });
    try {
      const hosts = remote.hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket, wake: false }));
      const wake = { idle_seconds: idleSeconds, max_per_hour: 1_000, give_up_after: 1_000 };
      const product = await startProduct({ hosts, wake, local_agent_model: 'fake-model', codex_config: scriptedProvider(model.url) }, { COCKPIT_SSH_CONFIG: remote.sshd.configFile });
      try {
        const [session] = remote.hosts.flatMap(({ sessions }) => sessions);
        if (!session) throw new Error('no session');
        return [await measure(product, session, nudges, Math.max(3, Math.ceil(10 * rounds)))];
      } finally {
        await product.stop();
      }
    } finally {
      await model.close();
      await remote.stop();
    }
  },
};

async function measure(product: Product, session: RemoteSession, nudges: readonly number[], count: number): Promise<Outcome> {
  const samples: number[] = [];
  const toggleWake = () => product.client.request('ctl', { control: 'toggle-wake' });
  const show = async (shown: keyof typeof screens) => {
    writeFileSync(session.tty, screens[shown], { flag: 'r+' });
    await until(async () => (await product.sessions()).some(({ state, agent }) => state === shown && agent.state === 'idle'), { timeoutMs: 30_000, what: 'an idle agent beside a still remote' });
    // The waker looks at most once a second.
    await delay(1_200);
  };
  for (let round = 0; round < count; round += 1) {
    // The nudge before is judged by the first change after its time, and forgotten by the second.
    await delay(1_500 * idleSeconds);
    await show('error');
    await show('idle');
    const before = nudges.length;
    await toggleWake();
    const dueMs = performance.now() + idleSeconds * 1_000;
    samples.push((await until(() => nudges[before], { timeoutMs: 20_000, what: 'the nudge' })) - dueMs);
    await toggleWake();
  }
  return {
    title: 'Nudge: from the end of the idle time to the request at the model',
    unit: 'ms',
    series: [{ role: 'ours', name: 'due → request', samples }],
  };
}
