import { hostname } from 'node:os';
import { z } from 'zod';
import { createMcpHttpServer, type McpHttpServer } from '../mcp/http.ts';
import { createLocalShell } from './adapters/shell/localShell.ts';
import { acquireLeadership, waitForLeadership, type Leadership } from './adapters/store/leadership.ts';
import { openStore, type Store } from './adapters/store/store.ts';
import { AccountKeeper } from './accounts/accountKeeper.ts';
import { RemoteAuth } from './accounts/remoteAuth.ts';
import { RemoteLogins } from './accounts/remoteLogins.ts';
import { AgentKeeper } from './agents/agentKeeper.ts';
import { Waker } from './agents/waker.ts';
import { WorkdirKeeper } from './agents/workdirKeeper.ts';
import { AnyKey } from './anyKey.ts';
import { runOnAttention } from './attention.ts';
import { noticeFullAudit } from './auditNotice.ts';
import { aimAuthSock } from './authSock.ts';
import { systemClock } from './base/clock.ts';
import { DisposableStore } from './base/disposable.ts';
import { codeOf, HumanError, messageOf } from './base/errors.ts';
import { createLogger, type Logger } from './base/logger.ts';
import { ClaimKeeper } from './claimKeeper.ts';
import { describeChanges, keepGood, requireConfig } from './configKeeper.ts';
import type { SessionRef } from './domain/ids.ts';
import { readPrompt } from './domain/promptReading.ts';
import { EffectRunner } from './effects.ts';
import { FleetFeed } from './fleetFeed.ts';
import { GrantPorts } from './grants.ts';
import { HostSet } from './hosts/hostSet.ts';
import { PairLayout } from './layout/pairLayout.ts';
import { LastStatus } from './lastStatus.ts';
import { MarkerKeeper } from './markerKeeper.ts';
import { createHandlers } from './methods/handlers.ts';
import { api, notifications } from './protocol/api.ts';
import type { SupervisorOwner } from './protocol/hello.ts';
import type { Paths } from './protocol/paths.ts';
import { ensurePrivateDir } from './protocol/privateDir.ts';
import { listen } from './protocol/server.ts';
import type { StatusView } from './protocol/statusView.ts';
import { version } from './protocol/version.ts';
import { rememberedHosts, rememberedView, rememberView } from './remembered.ts';
import type { SessionDeps } from './session/sessionContext.ts';
import { createSessionPort } from './session/sessionPort.ts';
import { ShownWatch } from './shownWatch.ts';
import { statusOf } from './statusOf.ts';
import { writeLogLine } from './stderrLog.ts';
import { Supervisor } from './supervisor.ts';
import { endLeftovers } from './takeDown.ts';

/**
 * How a supervisor is started. `wait` blocks until nobody owns the data directory (standby). `asked`: a person wants it to run; nobody else may start it after `down`.
 */
export type StartOptions = { paths: Paths; owner: SupervisorOwner; wait: boolean; asked: boolean; logger?: Logger; env?: NodeJS.ProcessEnv; signal?: AbortSignal };

/** A supervisor that owns its data directory. */
export type RunningSupervisor = {
  /** Resolves when it has let go of the data directory. */
  readonly ended: Promise<unknown>;
  /** Ends it and leaves agents, connections and tmux servers to the next one. */
  stop(): void;
};

/** Starts the supervisor of a data directory, or returns null when another process owns it. HumanError for a wrong configuration or an unusable directory. */
export async function startSupervisor(options: StartOptions): Promise<RunningSupervisor | null> {
  const { paths } = options;
  // A wrong configuration changes nothing, so it is looked at before anything is made (CONF-3).
  if (!options.wait) await requireConfig(paths.config);
  for (const dir of [paths.dataDir, paths.runtime, paths.masters, paths.agentSockets, paths.agents, paths.homes, paths.accounts]) ensurePrivateDir(dir);
  const leadership = options.wait ? await waitForLeadership(paths.leaderDb, options.signal ?? new AbortController().signal) : acquireLeadership(paths.leaderDb);
  if (leadership === null) return null;
  const all = new DisposableStore();
  all.add({ dispose: () => { leadership.release(); } });
  try {
    return await compose(options, leadership, all);
  } catch (error) {
    all.dispose();
    throw error;
  }
}

async function compose(options: StartOptions, leadership: Leadership, all: DisposableStore): Promise<RunningSupervisor> {
  const { paths, owner, env = process.env } = options;
  const clock = systemClock;
  const logger = options.logger ?? createLogger(writeLogLine);
  let config = await requireConfig(paths.config);
  const store = all.add(openStore(paths, { logger }));
  const notices: string[] = store.recovered === null ? [] : [store.recovered];
  all.add(noticeFullAudit(store, notices, clock));
  if (!options.asked && store.getSetting('down', z.boolean()) === true) throw new HumanError('down', 'The cockpit was taken down; `cockpit up` starts it.');
  recordDown(store, false, logger);
  await aimAuthSock(paths.sshAuthSock, env['SSH_AUTH_SOCK'] ?? null);

  const install = store.installId();
  const supervisorName = (hostname().replace(/[^A-Za-z0-9._-]/g, '-') || 'cockpit').slice(0, 64);
  const effects = new EffectRunner({
    install,
    supervisorName,
    link: (alias) => hosts.link(alias),
    observe: (fact) => { supervisor.observe(fact); },
    askAgain: () => { supervisor.askAgain(); },
    lastEpoch: (key) => store.pairings.get(key)?.lastEpoch ?? 0,
    recordEpoch: (key, epoch) => { if (store.pairings.get(key)) store.pairings.recordEpoch(key, epoch); },
    notes: store,
    logger,
  });
  const signs = all.add(new MarkerKeeper({ path: paths.markers, notices, clock, logger }));
  const supervisor = new Supervisor({ clock, install, markers: () => signs.markers, ...rememberedView(store), runEffect: (effect) => { effects.run(effect); } });
  const hosts = all.add(
    new HostSet({
      shellContext: { mastersDir: paths.masters, sshAuthSock: paths.sshAuthSock, logger, ...sshOverrides(env) },
      clock,
      logger,
      install,
      // For tests: the way of tmux older than 3.2.
      forceAsking: env['COCKPIT_FORCE_ASKING'] === '1',
      asks: (screen) => readPrompt(screen, signs.markers).fingerprint,
      emit: (fact) => {
        if (fact.kind === 'host-link') effects.linkChanged(fact.alias);
        supervisor.observe(fact);
      },
    }),
  );
  all.add(signs.onDidChange(() => { for (const link of hosts.links()) link.tellScreensAgain(); }));
  all.add(new ShownWatch(supervisor, (alias) => hosts.link(alias)));
  const didAct = (key: string, accepted: boolean) => {
    workdirs.touch(key);
    if (accepted) waker.sawWrite(key);
  };
  const createPort = (ref: SessionRef, actor: string) => createSessionPort(sessionDeps, ref, actor);
  const sessionDeps: SessionDeps = {
    clock,
    install,
    fleet: () => supervisor.fleet,
    markers: () => signs.markers,
    agentMayApprove: () => config.agentMayApprove,
    link: (alias) => hosts.link(alias),
    observe: (fact) => { supervisor.observe(fact); },
    actions: store,
    installLogin: (ask) => remoteAuth.install(ask),
    didAct,
    onDidChangeFleet: supervisor.onDidChange,
    onWillNudge: (listener) => waker.onWillNudge(listener),
  };
  const grants = new GrantPorts(store, createPort);
  const mcp = await listenMcp(store, (tokenHash) => grants.resolve(tokenHash), logger, notices);
  all.add({ dispose: () => void mcp.close() });
  const accounts = all.add(new AccountKeeper({ supervisor, store, paths, clock, logger, config: () => config, markers: () => signs.markers }));
  const keeper = all.add(new AgentKeeper({ supervisor, store, paths, clock, logger, env, config: () => config, mcpUrl: () => mcp.url, accounts }));
  const remoteAuth = all.add(new RemoteAuth({ accounts, agents: keeper.agents, supervisor, store, paths, notices, logger, link: (alias) => hosts.link(alias), config: () => config }));
  const remoteLogins = all.add(new RemoteLogins({ notes: store, loggedIn: (alias) => remoteAuth.loggedInThere(alias) }));
  const shell = all.add(createLocalShell('this machine', logger));
  await shell.connect();
  const layout = all.add(new PairLayout({ shell, supervisor, hosts, agents: keeper.agents, store, paths, clock, logger, env, notices: () => notices, down: () => { down(); } }));
  const waker = all.add(new Waker({ supervisor, agents: keeper.agents, store, clock, logger, config: () => config }));
  all.add(runOnAttention(supervisor, () => config, clock, logger));
  all.add(new ClaimKeeper({ supervisor, link: (alias) => hosts.link(alias), clock, logger, timeoutMs: () => config.claimTimeoutMs }));
  const anyKey = all.add(new AnyKey({ supervisor, store, logger, notices, link: (alias) => hosts.link(alias) }));
  const workdirs = all.add(new WorkdirKeeper({ supervisor, store, paths, clock, logger, config: () => config }));
  all.add(rememberView(supervisor, store, logger));

  const since = clock.isoNow();
  let ending = false;
  const status = (): StatusView =>
    statusOf(supervisor.fleet, { nowMs: clock.nowMs(), version, dataDir: paths.dataDir, agentsDir: paths.agents, supervisor: { running: !ending, pid: process.pid, owner, since, notices }, accounts: accounts.views(), heardMs: (alias) => hosts.link(alias)?.lastHeardMs ?? null });
  const feed = all.add(new FleetFeed(supervisor, clock, status));
  const last = all.add(new LastStatus(paths.lastStatus, status, clock, logger));
  all.add(supervisor.onDidChange(() => { last.touch(); }));
  for (const again of [clock.after(60_000, () => { backup(store, logger); }), clock.every(3_600_000, () => { backup(store, logger); })]) all.add(again);

  const apply = () => {
    supervisor.observe({ kind: 'configured', config, remembered: rememberedHosts(store) });
    hosts.apply(config);
  };
  const reload = async (sshAuthSock: string | null): Promise<string[]> => {
    const next = await keepGood(paths.config, notices);
    const changed = describeChanges(config, next);
    config = next;
    if (await aimAuthSock(paths.sshAuthSock, sshAuthSock)) changed.push('ssh agent refreshed');
    keeper.lookAgain();
    apply();
    for (const link of hosts.links()) if (!link.isOnline) link.reconnectNow();
    return changed;
  };

  const end = Promise.withResolvers<undefined>();
  const finish = async (isDown: boolean): Promise<void> => {
    if (ending) return;
    ending = true;
    last.write();
    await mcp.close();
    if (isDown) await endEverything({ keeper, layout, anyKey, hosts, paths, logger });
    all.dispose();
  };
  const stop = (isDown: boolean) => {
    finish(isDown).then(() => { end.resolve(undefined); }, (error: unknown) => {
      logger.error('the supervisor did not end well', { error: messageOf(error) });
      all.dispose();
      end.resolve(undefined);
    });
  };
  const down = () => {
    recordDown(store, true, logger);
    // The answer to who asked goes out first.
    setImmediate(() => { stop(true); });
  };

  const giveWay = (): boolean => {
    if (owner !== 'standby') return false;
    setImmediate(() => { stop(false); });
    return true;
  };

  apply();
  const handlers = createHandlers({ supervisor, hosts, agents: keeper.agents, remoteAuth, remoteLogins, store, clock, logger, install, supervisorName, mcpUrl: () => mcp.url, markers: () => signs.markers, createPort, status, feed, reload, openTerminalUi: () => layout.openTerminal(), openEditorPair: () => layout.openEditorPair(), down, giveWay });
  const server = all.add(await listen(paths.socket, { methods: api, notifications, handlers, owner, leadership, logger }));
  feed.attach(server);
  await layout.restore();
  logger.info('supervising', { dataDir: paths.dataDir, owner, hosts: config.hosts.length });
  return { ended: end.promise, stop: () => { stop(false); } };
}

/** Listens on the recorded port, because running agents know it; if it is taken they are launched anew with another one. */
async function listenMcp(store: Store, resolveToken: Parameters<typeof createMcpHttpServer>[0]['resolveToken'], logger: Logger, notices: string[]): Promise<McpHttpServer> {
  const recorded = store.getSetting('mcpPort', z.number().int());
  const start = (port: number) => createMcpHttpServer({ port, resolveToken, logger, version });
  try {
    const server = await start(recorded ?? 0);
    if (recorded === null) store.setSetting('mcpPort', server.port);
    return server;
  } catch (error) {
    if (codeOf(error) !== 'port-taken') throw error;
    // Who holds the port now gets the agents' requests until they are started anew: their tokens must be worth nothing.
    store.pairings.renewTokens();
    store.revokeGrants();
    const server = await start(0);
    store.setSetting('mcpPort', server.port);
    notices.push(`Port ${String(recorded)} was taken by another program; the agents' tools are at port ${server.port} now and the agents were started anew.`);
    return server;
  }
}

type Everything = { keeper: AgentKeeper; layout: PairLayout; anyKey: AnyKey; hosts: HostSet; paths: Paths; logger: Logger };

/** First what would bring things back, then the things. */
async function endEverything({ keeper, layout, anyKey, hosts, paths, logger }: Everything): Promise<void> {
  layout.end();
  await anyKey.end();
  hosts.dispose();
  await keeper.agents.stopAll();
  await endLeftovers(paths, logger);
}

function backup(store: Store, logger: Logger): void {
  try {
    store.backup();
  } catch (error) {
    logger.error('the database was not backed up', { error: messageOf(error) });
  }
}

/** For tests and unusual set-ups: another ssh client or configuration file. */
function sshOverrides(env: NodeJS.ProcessEnv): { sshPath?: string; sshConfigFile?: string } {
  return { ...(env['COCKPIT_SSH'] ? { sshPath: env['COCKPIT_SSH'] } : {}), ...(env['COCKPIT_SSH_CONFIG'] ? { sshConfigFile: env['COCKPIT_SSH_CONFIG'] } : {}) };
}

/** Whether the cockpit was taken down outlives the supervisor: nobody but a person starts it again (PAIR-7). */
function recordDown(store: Store, isDown: boolean, logger: Logger): void {
  try {
    if (store.getSetting('down', z.boolean()) !== isDown) store.setSetting('down', isDown);
  } catch (error) {
    // With a full disk the cockpit still shows, claims and goes down; only agents may not write.
    logger.error('a start or end could not be recorded', { error: messageOf(error) });
  }
}
