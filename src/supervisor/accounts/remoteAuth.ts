import { readFile } from 'node:fs/promises';
import { relaunchCommand } from '../adapters/codex/policy/policyFiles.ts';
import { installLoginInput, installLoginScript, largestLoginBytes, undoLoginScript } from '../adapters/codex/remoteLogin.ts';
import type { Store } from '../adapters/store/store.ts';
import type { AgentSet } from '../agents/agentSet.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { codeOf, HumanError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../domain/config.ts';
import { findHost } from '../domain/fleet.ts';
import { sessionKey, type SessionRef } from '../domain/ids.ts';
import type { RemoteNeed } from '../domain/remoteAccount.ts';
import type { HostLink } from '../hosts/hostLink.ts';
import { noted } from '../noted.ts';
import type { Paths } from '../protocol/paths.ts';
import type { RemoteAuthResult } from '../protocol/sessionTools.ts';
import type { Supervisor } from '../supervisor.ts';
import { loginFileOf } from './accountLogins.ts';
import type { AccountKeeper } from './accountKeeper.ts';

/** What it works with. */
export type RemoteAuthDeps = { accounts: AccountKeeper; agents: AgentSet; supervisor: Supervisor; store: Store; paths: Paths; notices: string[]; logger: Logger; link(alias: string): HostLink | undefined; config(): Config };

/** Who asks for a login, for which remote Codex, and why. */
export type RemoteAuthAsk = { ref: SessionRef; actor: string; need: RemoteNeed; meta: Record<string, string> };

const file = '~/.codex/auth.json';
const tool = 'install_remote_auth';
const nextWay = 'The next way is in remote_login_workflow.md: a login by a code, which the operator completes.';
const allowedText = 'The operator allowed to install a login for the remote Codex of your session: call install_remote_auth again, then start the remote Codex as remote_codex_launch.md says.';

/** Puts the login of an account at a host, where the operator allows it, and takes it back (MCP-7). */
export class RemoteAuth implements Disposable {
  readonly #deps: RemoteAuthDeps;
  readonly #resources = new DisposableStore();
  /** Hosts whose operator was asked: the notice, and the session that asked. */
  readonly #asked = new Map<string, { notice: string; key: string }>();
  /** Hosts whose login only the operator can mend, with the notice that says so. */
  readonly #lost = new Map<string, string>();
  /** One at a time: sessions of a host share the file. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: RemoteAuthDeps) {
    this.#deps = deps;
    this.#resources.add(deps.supervisor.onDidChange(({ fact }) => {
      if (fact.kind === 'configured') this.#readConsent();
    }));
  }

  install(ask: RemoteAuthAsk): Promise<RemoteAuthResult> {
    return this.#inTurn(() => this.#install(ask));
  }

  /** `cockpit remote-auth HOST --undo`: the host gets back what it had before. */
  undo(alias: string): Promise<'restored' | 'removed' | 'nothing'> {
    return this.#inTurn(async () => {
      const link = this.#deps.link(alias);
      if (!link?.isOnline) throw new HumanError('host-offline', `${alias} is not online, so its login was not changed.`);
      const intent = { key: '', host: alias, session: '', actor: 'human', tool: 'undo-remote-auth', kind: 'command', detail: { file }, epoch: null };
      const done = await noted(this.#deps.store, intent, () => link.run(undoLoginScript), ({ exitCode }) => (exitCode === 0 ? null : `exit code ${String(exitCode)}`));
      const said = done.stdout.toString('utf8').trim();
      if (done.exitCode !== 0 || (said !== 'restored' && said !== 'removed' && said !== 'nothing')) throw new HumanError('undo-failed', `The login at ${alias} was not changed: ${done.stderr.trim() || 'no reason given'}`);
      await this.#deps.accounts.takenBack(alias);
      return said;
    });
  }

  /** Codex at a host made itself a login: what cockpit installed there counts no more, and agents whose Codex waits for a login are told. */
  async loggedInThere(alias: string): Promise<void> {
    await this.#deps.accounts.takenBack(alias);
    this.#found(alias);
    for (const { key, state } of findHost(this.#deps.supervisor.fleet, alias)?.sessions ?? []) {
      if (state === 'auth-needed') this.#tell(key, `${alias} has a new login. ${this.#launchWords(alias)}`);
    }
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(run);
    this.#queue = turn.catch(() => undefined); // the caller gets it
    return turn;
  }

  async #install(ask: RemoteAuthAsk): Promise<RemoteAuthResult> {
    const { alias } = ask.ref;
    const refused = this.#refusal(ask);
    if (refused !== null) return result('refused', null, refused);
    const wish = { alias, key: sessionKey(ask.ref), need: ask.need };
    const choice = await this.#deps.accounts.chooseForRemote(wish);
    switch (choice.kind) {
      case 'none':
        return result('refused', null, `No account is ready for ${alias}. cockpit tells you when one is; do not retry. ${nextWay}`);
      case 'refused':
        this.#sayLost(alias);
        return result('refused', choice.account, `The login of account ${choice.account} is installed at ${alias} already, and Codex there does not take it. Do not retry: a second try makes it worse. ${nextWay}`);
      case 'relaunch':
        return result('relaunch', choice.account, `The login of account ${choice.account} is at ${alias} already. ${this.#launchWords(alias)}`);
      case 'install':
        return await this.#copy(ask, choice.account, () => this.#deps.accounts.installedAtRemote(wish, choice.account));
    }
  }

  /** Null if the operator allows it. The first question is shown to the operator, who answers by command or in setup. */
  #refusal({ ref, need }: RemoteAuthAsk): string | null {
    const { alias } = ref;
    const consent = findHost(this.#deps.supervisor.fleet, alias)?.config.remoteAuth ?? 'never';
    if (consent === 'allow') return null;
    if (consent === 'never') {
      if (need.kind === 'login') this.#sayLost(alias);
      return `The operator does not allow to install logins at ${alias}. Do not retry. ${nextWay}`;
    }
    if (!this.#asked.has(alias)) {
      const notice = `${alias}/${ref.id} asks whether cockpit may copy the login of an account to ${alias}: answer with \`cockpit remote-auth ${alias} allow\` or \`cockpit remote-auth ${alias} never\`.`;
      this.#asked.set(alias, { notice, key: sessionKey(ref) });
      this.#notice(notice);
    }
    return `The operator has to allow it for ${alias} and was asked. End your turn; you are told when it is allowed.`;
  }

  #readConsent(): void {
    for (const [alias, { notice, key }] of this.#asked) {
      const consent = findHost(this.#deps.supervisor.fleet, alias)?.config.remoteAuth ?? 'never';
      if (consent === 'ask') continue;
      this.#asked.delete(alias);
      this.#withdraw(notice);
      if (consent !== 'allow') continue;
      this.#tell(key, allowedText);
    }
  }

  #sayLost(alias: string): void {
    if (this.#lost.has(alias)) return;
    const notice = `Codex at ${alias} has lost its login: \`cockpit remote-login ${alias} ACCOUNT\` logs it in by a code.`;
    this.#lost.set(alias, notice);
    this.#notice(notice);
  }

  #found(alias: string): void {
    const notice = this.#lost.get(alias);
    this.#lost.delete(alias);
    if (notice !== undefined) this.#withdraw(notice);
  }

  #notice(text: string): void {
    this.#deps.notices.push(text);
    // Nothing of the fleet changed, but what clients see did.
    this.#deps.supervisor.observe({ kind: 'noticed' });
  }

  #withdraw(text: string): void {
    this.#deps.notices.splice(this.#deps.notices.indexOf(text), 1);
    this.#deps.supervisor.observe({ kind: 'noticed' });
  }

  #tell(key: string, text: string): void {
    this.#deps.agents.get(key)?.nudge(text).catch((error: unknown) => {
      // Waking looks after it later.
      this.#deps.logger.warn('an agent was not told of a login', { key, error: messageOf(error) });
    });
  }

  /** The bytes leave behind a durable audit row, through stdin, and only there. */
  async #copy({ ref, actor, meta }: RemoteAuthAsk, account: string, installed: () => Promise<void>): Promise<RemoteAuthResult> {
    const { store, paths } = this.#deps;
    const there = this.#deps.link(ref.alias);
    if (!there?.isOnline) return result('refused', account, `The connection to ${ref.alias} is down. It comes back by itself; call wait_for_change.`);
    const login = await readFile(loginFileOf(paths, account));
    if (login.length > largestLoginBytes) throw new HumanError('login-too-large', `The login of account ${account} is larger than a login can be; nothing was sent. The operator has to log it in again.`);
    const auditId = begin(store, { key: sessionKey(ref), host: ref.alias, session: ref.id, actor, tool, kind: 'remote-auth', detail: { account, file }, epoch: null, meta });
    if (auditId === null) return result('refused', account, 'The audit log of cockpit cannot be written (disk full?), so nothing was sent. The operator sees the same message.');
    try {
      const done = await there.run(installLoginScript, { input: installLoginInput(login) });
      if (done.exitCode !== 0) {
        store.endAction(auditId, 'refused', `exit code ${String(done.exitCode)}: ${done.stderr.trim().slice(0, 500)}`);
        return result('refused', account, `${ref.alias} did not take the login (exit code ${String(done.exitCode)}); nothing there was changed. Say so to the operator.`, auditId);
      }
    } catch (error) {
      store.endAction(auditId, 'unknown', messageOf(error));
      return result('unknown', account, `The connection broke while the login was sent: it is there whole or not at all. Call session_status, then ${tool} again.`, auditId);
    }
    store.endAction(auditId, 'accepted', null);
    await installed();
    this.#found(ref.alias);
    return result('installed', account, `The login of account ${account} is at ${ref.alias} now. ${this.#launchWords(ref.alias)}`, auditId);
  }

  #launchWords(alias: string): string {
    const { approvals } = findHost(this.#deps.supervisor.fleet, alias)?.config ?? { approvals: 'ask' };
    return `A running Codex keeps its old login: end it with /quit, and at the empty shell prompt start it again with \`${relaunchCommand(approvals, this.#deps.config().remoteAgentModel)}\` (remote_codex_launch.md).`;
  }
}

function result(outcome: RemoteAuthResult['outcome'], account: string | null, explanation: string, auditId: string | null = null): RemoteAuthResult {
  return { outcome, account, explanation, auditId };
}

function begin(store: Store, intent: Parameters<Store['beginAction']>[0]): string | null {
  try {
    return store.beginAction(intent);
  } catch (error) {
    if (codeOf(error) === 'audit-unavailable') return null;
    throw error;
  }
}
