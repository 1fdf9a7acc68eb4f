import { startScriptedModel, type ScriptedModel } from '../../src/demo/scriptedModel.ts';
import { accountOf, logIn, promptAgent } from '../../test/support/accounts.ts';
import { scriptedProvider } from '../../test/support/codex.ts';
import { until } from '../../test/support/until.ts';
import type { Outcome, Row } from '../row.ts';
import { buildProduct, startProduct, type Product } from '../setup/product.ts';
import { startRemote } from '../setup/remote.ts';

/** An agent whose account is used up, from the refusal to work on the next account. */
export const rotationRow: Row = {
  name: 'rotation',
  about: 'an account is used up → the same thread works on the next account',
  isQuick: false,
  async run({ rounds }) {
    buildProduct();
    const count = Math.max(2, Math.ceil(8 * rounds));
    const keys = Array.from({ length: count + 1 }, (_, n) => `n${n}`);
    const remote = await startRemote(1, 1);
    const limits = new Limits();
    const model = await startScriptedModel({ script: (request) => limits.answer(accountOf(request)) });
    try {
      const product = await startProduct(configOf(remote.hosts, model, keys), { COCKPIT_SSH_CONFIG: remote.sshd.configFile });
      try {
        for (const key of keys) await logIn(product.paths, key);
        await product.client.request('reload', { sshAuthSock: null });
        return [await measure(product, limits, keys)];
      } finally {
        await product.stop();
      }
    } finally {
      await model.close();
      await remote.stop();
    }
  },
};

/** Refuses the accounts that are used up, and notes when it refused one and when another came. */
class Limits {
  usedUp: string | null = null;
  refusedMs = 0;
  readonly #came = new Map<string, number>();

  answer(account: string): { kind: 'fail'; failure: '429usage' } | null {
    const nowMs = performance.now();
    if (account === this.usedUp) {
      this.refusedMs = nowMs;
      return { kind: 'fail', failure: '429usage' };
    }
    if (!this.#came.has(account)) this.#came.set(account, nowMs);
    return null;
  }

  cameMs(account: string): number | null {
    return this.#came.get(account) ?? null;
  }
}

async function measure(product: Product, limits: Limits, keys: readonly string[]): Promise<Outcome> {
  const samples: number[] = [];
  const linked: number[] = [];
  const onAccount = (key: string) => until(async () => (await product.sessions()).find(({ account, agent }) => account === key && agent.state === 'idle'), { timeoutMs: 30_000, what: `an idle agent on ${key}` });
  for (const [n, key] of keys.slice(0, -1).entries()) {
    const next = keys[n + 1] ?? '';
    const session = await onAccount(key);
    limits.usedUp = key;
    await promptAgent(product.paths, session, `task ${n}`);
    await until(async () => (await product.sessions()).some(({ account }) => account === next), { timeoutMs: 30_000, what: `the agent is on ${next}` });
    linked.push(performance.now() - limits.refusedMs);
    samples.push((await until(() => limits.cameMs(next), { timeoutMs: 30_000, what: `a request of ${next}` })) - limits.refusedMs);
  }
  return {
    title: 'Rotation: from the refusal of the model to the first request on the next account, same thread',
    unit: 'ms',
    note: 'The app-server is ended and started again between; its TUI stays and is back about a second later.',
    series: [
      { role: 'ours', name: 'refusal → request on the next account', samples, targets: [{ of: 'p95', atMost: 3_000 }] },
      { role: 'part', name: 'of that: the move is decided, stored and told', samples: linked },
    ],
  };
}

function configOf(hosts: Awaited<ReturnType<typeof startRemote>>['hosts'], model: ScriptedModel, keys: readonly string[]): Parameters<typeof startProduct>[0] {
  const providers = { scripted: { name: 'Scripted', base_url: model.url, wire_api: 'responses', stream_max_retries: 1, request_max_retries: 0, requires_openai_auth: true } };
  return {
    // A nudge would make the agent work.
    hosts: hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket, wake: false })),
    accounts: keys.map((key) => ({ key, email: `${key}@example.com` })),
    local_agent_model: 'fake-model',
    codex_config: { ...scriptedProvider(model.url), model_providers: providers },
  };
}
