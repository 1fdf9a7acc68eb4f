import { HumanError } from '../base/errors.ts';
import type { Api } from '../protocol/api.ts';
import type { Handlers } from '../protocol/methodTable.ts';
import type { Call, Connection } from '../protocol/server.ts';
import { sessionTools, type SessionPort, type SessionToolName } from '../protocol/sessionTools.ts';
import { resolveHost, resolveSession } from '../resolveSession.ts';
import { adopt, allSessionsOf, release } from './adoption.ts';
import type { MethodContext } from './context.ts';
import { AttentionClaims } from './attention.ts';
import { answerApproval, listWaiting } from './approvals.ts';
import { explain } from './explain.ts';
import { killRemoteSession, newSession, onlineLink, takeOver } from './sessions.ts';

const day = 86_400_000;
const scrollbackLines = 50_000;

/** Answers every method of the client interface. */
export function createHandlers(context: MethodContext): Handlers<Api, Call> {
  const { supervisor, hosts, store } = context;
  const attention = new AttentionClaims(supervisor);
  const bound = new WeakMap<Connection, SessionPort>();
  const sessionOf = (text: string) => resolveSession(supervisor.fleet, text);
  return {
    status: () => context.status(),
    'fleet/subscribe': (_params, { connection }) => context.feed.subscribe(connection),
    ctl({ control }) {
      supervisor.observe({ kind: 'control', control });
      return {};
    },
    select({ host, session, focus }) {
      resolveHost(supervisor.fleet, host);
      const id = session === null ? null : sessionOf(session).ref.id;
      supervisor.observe({ kind: 'selected', alias: host, id, focus });
      return {};
    },
    reload: async ({ sshAuthSock }) => ({ changed: await context.reload(sshAuthSock) }),
    'ui/terminal': async () => ({ argv: await context.openTerminalUi() }),
    'ui/pair': () => context.openEditorPair(),
    'host/sessions': async ({ host }) => ({
      sessions: (await allSessionsOf(context, host)).map((row) => ({ id: row.id, name: row.name, managed: row.name.startsWith('cockpit-'), command: row.paneCommand })),
    }),
    'host/reconnect'({ host }) {
      resolveHost(supervisor.fleet, host);
      hosts.link(host)?.reconnectNow();
      return {};
    },
    'host/undoRemoteAuth': async ({ host }) => {
      resolveHost(supervisor.fleet, host);
      return { did: await context.remoteAuth.undo(host) };
    },
    'host/beginLogin': ({ host }) => context.remoteLogins.begin(onlineLink(context, host)),
    'host/completedLogin': async ({ host }, { signal }) => {
      await context.remoteLogins.completed(host, signal);
      return {};
    },
    'host/connectArgv': ({ host }) => ({ argv: connectArgv(context, host) }),
    'session/new': (params) => newSession(context, params),
    'session/kill': async ({ session }) => {
      await killRemoteSession(context, session);
      return {};
    },
    'session/adopt': ({ session }) => adopt(context, session),
    'session/release': ({ session }) => release(context, session),
    'session/takeOver': async ({ session }) => {
      await takeOver(context, session);
      return {};
    },
    'session/peek': async ({ session }) => {
      const { ref } = sessionOf(session);
      const screen = await onlineLink(context, ref.alias).capture(ref.id, 0);
      return { text: screen.text, title: screen.title, ageMs: Math.max(0, context.clock.nowMs() - screen.readAtMs) };
    },
    'session/scrollback': async ({ session }) => {
      const { ref } = sessionOf(session);
      return { text: (await onlineLink(context, ref.alias).capture(ref.id, scrollbackLines)).text };
    },
    'session/attachArgv': ({ session, claim }) => {
      const { ref } = sessionOf(session);
      onlineLink(context, ref.alias);
      // Whoever attaches is about to type: that is remote focus (OWN-6).
      if (claim) supervisor.observe({ kind: 'selected', alias: ref.alias, id: ref.id, focus: 'remote' });
      return { argv: hosts.attachArgv(ref, 0) };
    },
    'session/interruptAgent': async ({ session }) => {
      const agent = context.agents.get(sessionOf(session).session.key);
      if (!agent) throw new HumanError('no-agent', `${session} has no running agent.`);
      await agent.interrupt();
      return {};
    },
    explain: ({ session }) => explain(sessionOf(session).session, context.clock.nowMs()),
    'grant/create'({ session, ttlMs }) {
      const { session: row } = sessionOf(session);
      const expiresAt = new Date(Date.now() + (ttlMs ?? day)).toISOString();
      return { url: context.mcpUrl(), token: store.createGrant(row.key, expiresAt).token, expiresAt };
    },
    'grant/bind'({ session }, { connection }) {
      const { ref } = sessionOf(session);
      if (bound.has(connection)) throw new HumanError('bound', 'This connection is bound to a session already.');
      bound.set(connection, context.createPort(ref, 'grant'));
      return { session: `${ref.alias}/${ref.id}` };
    },
    'tool/call': async ({ tool, input, meta }, { connection, signal }) => {
      const port = bound.get(connection);
      if (!port) throw new HumanError('not-bound', 'Bind the connection to a session first.');
      if (!isTool(tool)) throw new HumanError('unknown-tool', `There is no tool ${JSON.stringify(tool)}.`);
      const parsed = sessionTools[tool].input.parse(input);
      return { output: await port.call(tool, parsed, { signal, meta, progress: () => undefined }) };
    },
    'audit/list': ({ session, limit, sinceSeq }) => ({ actions: listActions(context, session, limit, sinceSeq) }),
    'audit/verify'() {
      const check = store.verifyChain();
      return check.ok ? { ok: true, rows: check.rows, brokenSeq: null, why: null } : { ok: false, rows: 0, brokenSeq: check.brokenSeq, why: check.why };
    },
    'attention/list': async () => ({ waiting: await listWaiting(context) }),
    'attention/answer': (params, { signal }) => answerApproval(context, params, signal),
    'attention/claim': ({ session }) => ({ yours: attention.claim(sessionOf(session).session) }),
    giveWay: () => ({ gone: context.giveWay() }),
    down() {
      context.down();
      return {};
    },
  };
}

function isTool(name: string): name is SessionToolName {
  return Object.hasOwn(sessionTools, name);
}

function connectArgv(context: MethodContext, alias: string): string[] {
  const { transport, sshTarget } = resolveHost(context.supervisor.fleet, alias).config;
  const argv = context.hosts.loginArgv(alias);
  if (argv) return argv;
  if (transport === 'local') throw new HumanError('no-login', `${alias}: this machine needs no login.`);
  throw new HumanError('no-login', `${alias}: ssh2 cannot ask you anything. Accept the host key with \`ssh ${sshTarget}\` and load the key with ssh-add, or set transport: openssh.`);
}

function listActions(context: MethodContext, session: string | null, limit: number, sinceSeq: number) {
  // An archived session has rows too, so a key is made even where the session is gone.
  const key = session === null ? undefined : resolveKey(context, session);
  const rows = context.store.listActions({ ...(key === undefined ? {} : { key }), limit, ...(sinceSeq > 0 ? { sinceSeq } : {}) });
  return rows.map((row) => ({ ...row, session: `${row.host}/${row.session}` }));
}

/** Key of a session for the audit: one that is there, else the archived one that had this name last. */
function resolveKey(context: MethodContext, text: string): string {
  const slash = text.indexOf('/');
  const [alias, wanted] = [text.slice(0, slash), text.slice(slash + 1)];
  const named = context.store.pairings
    .list({ includeArchived: true })
    .filter((row) => row.alias === alias && (row.sessionId === wanted || row.name === wanted))
    .sort((a, b) => Number(a.archivedAt !== null) - Number(b.archivedAt !== null) || (b.archivedAt ?? '').localeCompare(a.archivedAt ?? ''));
  return named[0]?.key ?? resolveSession(context.supervisor.fleet, text).session.key;
}
