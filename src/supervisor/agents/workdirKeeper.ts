import type { Store } from '../adapters/store/store.ts';
import { writeWorkdir, type WorkdirData, type WrittenFiles } from '../adapters/codex/workdir.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import { Later } from '../base/later.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../domain/config.ts';
import { allSessions, type Host, type RemoteSession } from '../domain/fleet.ts';
import { screenDelta } from '../domain/screenDelta.ts';
import type { Paths } from '../protocol/paths.ts';
import { ownerOf, workdirOf } from '../statusOf.ts';
import type { Supervisor } from '../supervisor.ts';

/** What the keeper works with. */
export type WorkdirKeeperDeps = { supervisor: Supervisor; store: Store; paths: Paths; clock: Clock; logger: Logger; config(): Config };

/** A workdir is written at most this often; a busy screen settles more often than an agent reads. */
const writeEveryMs = 1_000;
const auditTailRows = 20;

type Workdir = { snapshot: string; delta: string; isDirty: boolean; written: WrittenFiles };

/** Keeps the files of AGENT-1 in every paired session's workdir as the fleet is. */
export class WorkdirKeeper implements Disposable {
  readonly #deps: WorkdirKeeperDeps;
  readonly #workdirs = new Map<string, Workdir>();
  readonly #resources = new DisposableStore();
  readonly #later: Later;
  #isWriting = false;

  constructor(deps: WorkdirKeeperDeps) {
    this.#deps = deps;
    this.#later = this.#resources.add(new Later(deps.clock, { delay: writeEveryMs }, () => void this.#writeDirty()));
    this.#resources.add(
      deps.supervisor.onDidChange(({ before, fleet, fact }) => {
        const old = new Map(allSessions(before).map(({ session }) => [session.key, session]));
        for (const { ref, session } of allSessions(fleet)) {
          if (fact.kind === 'screen' && fact.alias === ref.alias && fact.id === ref.id) this.#sawScreen(session.key, fact.text);
          else if (old.get(session.key) !== session || fact.kind === 'configured') this.touch(session.key);
        }
      }),
    );
  }

  /** Something of a session changed that its files show. */
  touch(key: string): void {
    this.#workdir(key).isDirty = true;
    this.#later.request();
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #sawScreen(key: string, text: string): void {
    const workdir = this.#workdir(key);
    const delta = screenDelta(workdir.snapshot, text);
    workdir.snapshot = text;
    if (delta !== '') workdir.delta = delta;
    this.touch(key);
  }

  #workdir(key: string): Workdir {
    const known = this.#workdirs.get(key);
    if (known) return known;
    const made: Workdir = { snapshot: '', delta: '', isDirty: true, written: new Map() };
    this.#workdirs.set(key, made);
    return made;
  }

  async #writeDirty(): Promise<void> {
    if (this.#isWriting) {
      this.#later.request();
      return;
    }
    this.#isWriting = true;
    try {
      const rows = allSessions(this.#deps.supervisor.fleet);
      const present = new Set(rows.map(({ session }) => session.key));
      for (const key of this.#workdirs.keys()) if (!present.has(key)) this.#workdirs.delete(key);
      for (const { host, session } of rows) {
        const workdir = this.#workdirs.get(session.key);
        if (!workdir?.isDirty || session.ownership.kind === 'foreign') continue;
        if (this.#deps.store.pairings.get(session.key) === null) {
          // It is paired in a moment; nothing else would tell.
          if (session.ownership.kind === 'ours') this.#later.request();
          continue;
        }
        workdir.isDirty = false;
        await writeWorkdir(workdirOf(this.#deps.paths.agents, host.config.alias, session.observed.id), this.#data(host, session, workdir), workdir.written);
      }
    } catch (error) {
      // A full disk: the agent reads the same through its tools, and the next change tries again.
      this.#deps.logger.warn('the files of an agent could not be written', { error: messageOf(error) });
    } finally {
      this.#isWriting = false;
    }
  }

  #data(host: Host, session: RemoteSession, workdir: Workdir): WorkdirData {
    const config = this.#deps.config();
    const { observed, ownership, evidence } = session;
    return {
      session: { key: session.key, host: host.config.alias, id: observed.id, name: observed.name, sshTarget: host.config.sshTarget, transport: host.config.transport },
      approvals: host.config.approvals,
      remoteAuth: host.config.remoteAuth,
      localAgentModel: config.localAgentModel,
      remoteAgentModel: config.remoteAgentModel,
      status: {
        state: session.state,
        owner: ownerOf(session),
        epoch: ownership.kind === 'unread' ? null : ownership.epoch,
        link: host.link,
        error: host.error,
        evidence: evidence.map(({ source, says, value }) => ({ source, says, value })),
      },
      snapshot: workdir.snapshot,
      settledDelta: workdir.delta,
      accounts: config.accounts.map(({ key, email }) => ({ key, email })),
      auditTail: this.#deps.store.listActions({ key: session.key, limit: auditTailRows }).map(({ at, tool, detail, outcome, reason }) => ({ at, tool, detail, outcome, reason })),
    };
  }
}
