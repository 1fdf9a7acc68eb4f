import { z } from 'zod';
import type { Store } from '../adapters/store/store.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable, type Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { messageOf } from '../base/errors.ts';
import { Later } from '../base/later.ts';
import type { Logger } from '../base/logger.ts';
import { isWithin, type AgentLimit } from '../domain/approvalPolicy.ts';
import type { Config } from '../domain/config.ts';
import { allSessions, type Host, type RemoteSession } from '../domain/fleet.ts';
import { freshWake, lookToWake, nextLookMs, nudgeFailed, sawWrite, type WakeInput, type WakeState } from '../domain/wake.ts';
import type { Supervisor } from '../supervisor.ts';
import type { AgentSet } from './agentSet.ts';

/** What the waker works with. */
export type WakerDeps = { supervisor: Supervisor; agents: AgentSet; store: Store; clock: Clock; logger: Logger; config(): Config };

/** Changes come in bursts; a nudge waits for half a minute at least. */
const lookGapMs = 1_000;

const remembered = z.object({
  sent: z.number().int(),
  useful: z.number().int(),
  tokens: z.number().int(),
  uselessInRow: z.number().int(),
  off: z.string().nullable(),
  /** ISO-8601 of the nudges of the last hour: the budget outlives the supervisor. */
  recent: z.array(z.string()),
});

const nudgeText =
  'Review the paired remote session now: call session_status, and if the remote Codex waits, stopped or is stuck, keep it going as remote_codex_supervisor.md says. If it works, or the operator owns the session, end your turn.';

/** Nudges idle agents to look after their session, within the budget (WAKE-1 to WAKE-4). Always through Codex's own queue, never by keystrokes. */
export class Waker implements Disposable {
  readonly #deps: WakerDeps;
  readonly #states = new Map<string, WakeState>();
  readonly #resources = new DisposableStore();
  readonly #soon: Later;
  /** Runs when time alone may lead to a nudge. */
  #next: Disposable | null = null;
  readonly #willNudge = this.#resources.add(new Emitter<string>());
  /** Fires with the key right before a nudge, so that a waiting `wait_for_change` ends first (WAKE-3). */
  readonly onWillNudge = this.#willNudge.event;

  constructor(deps: WakerDeps) {
    this.#deps = deps;
    this.#soon = this.#resources.add(new Later(deps.clock, { gap: lookGapMs }, () => { this.#lookAtAll(); }));
    this.#resources.add(deps.supervisor.onDidChange(() => { this.#soon.request(); }));
    this.#resources.add(toDisposable(() => { this.#next?.dispose(); }));
  }

  /** An agent's write was accepted. */
  sawWrite(key: string): void {
    const state = this.#states.get(key);
    if (state) this.#states.set(key, sawWrite(state));
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #lookAtAll(): void {
    const rows = allSessions(this.#deps.supervisor.fleet);
    const keys = new Set(rows.map(({ session }) => session.key));
    for (const key of this.#states.keys()) if (!keys.has(key)) this.#states.delete(key);
    const dueMs = rows.map(({ host, session }) => this.#look(host, session)).filter((atMs) => atMs !== null);
    this.#next?.dispose();
    this.#next = dueMs.length === 0 ? null : this.#deps.clock.after(Math.max(lookGapMs, Math.min(...dueMs) - this.#deps.clock.nowMs()), () => { this.#lookAtAll(); });
  }

  /** When to look again though nothing changed. */
  #look(host: Host, session: RemoteSession): number | null {
    const before = this.#states.get(session.key) ?? this.#recall(session.key);
    const [input, limits] = [inputOf(host, session, this.#deps.config().agentMayApprove), this.#deps.config().wake];
    const { state, nudge } = lookToWake(before, input, limits, this.#deps.clock.nowMs());
    this.#keep(session.key, before, state);
    if (nudge) void this.#nudge(session.key);
    return nextLookMs(state, input, limits);
  }

  async #nudge(key: string): Promise<void> {
    try {
      const agent = this.#deps.agents.get(key);
      if (!agent) throw new Error('the agent is gone');
      this.#willNudge.fire(key);
      await agent.nudge(nudgeText);
      this.#deps.logger.info('nudged', { key });
    } catch (error) {
      this.#deps.logger.warn('the nudge was not delivered', { key, error: messageOf(error) });
      const state = this.#states.get(key);
      if (state) this.#keep(key, state, nudgeFailed(state));
      this.#soon.request();
    }
  }

  #keep(key: string, before: WakeState, state: WakeState): void {
    this.#states.set(key, state);
    const words = (row: WakeState) => JSON.stringify([row.sent, row.useful, row.tokens, row.uselessInRow, row.off]);
    if (words(before) === words(state)) return;
    const { sent, useful, tokens, off } = state;
    this.#deps.supervisor.observe({ kind: 'nudges', key, nudges: { sent, useful, tokens, off } });
    this.#remember(key, state);
  }

  #remember(key: string, state: WakeState): void {
    const nowMs = this.#deps.clock.nowMs();
    const recent = state.recentMs.map((atMs) => new Date(Date.now() - (nowMs - atMs)).toISOString());
    try {
      this.#deps.store.setSetting(`wake:${key}`, { sent: state.sent, useful: state.useful, tokens: state.tokens, uselessInRow: state.uselessInRow, off: state.off, recent });
    } catch (error) {
      this.#deps.logger.warn('the nudges could not be stored', { key, error: messageOf(error) });
    }
  }

  #recall(key: string): WakeState {
    const stored = this.#deps.store.getSetting(`wake:${key}`, remembered);
    if (!stored) return freshWake;
    const nowMs = this.#deps.clock.nowMs();
    const { recent, ...counts } = stored;
    const state = { ...freshWake, ...counts, recentMs: recent.map((iso) => nowMs - Math.max(0, Date.now() - Date.parse(iso))) };
    this.#deps.supervisor.observe({ kind: 'nudges', key, nudges: { sent: state.sent, useful: state.useful, tokens: state.tokens, off: state.off } });
    return state;
  }
}

function inputOf(host: Host, session: RemoteSession, limit: AgentLimit): WakeInput {
  return {
    isOn: host.wake,
    isOnline: host.link === 'online',
    agent: session.agent.state,
    remote: session.state,
    ownership: session.ownership,
    approvals: host.config.approvals,
    mayAnswer: session.asks !== null && isWithin(session.asks, limit),
    noAccount: session.account.held ?? (session.account.waits ? 'the agent waits for an account' : null),
    tokens: session.agent.tokens,
  };
}
