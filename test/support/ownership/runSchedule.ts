import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CockpitError, codeOf } from '../../../src/supervisor/base/errors.ts';
import { TmuxError, type TmuxCommand } from '../../../src/supervisor/adapters/tmux/command.ts';
import { readMarkCommand } from '../../../src/supervisor/adapters/tmux/claim.ts';
import { adoptCommand, claimCommand, guardedWrite, releaseCommand, takeOverCommand, type GuardReply, type MarkReply } from '../../../src/supervisor/adapters/tmux/guard.ts';
import { displayMessage } from '../../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import { renameSession } from '../../../src/supervisor/adapters/tmux/commands/sessionCommands.ts';
import { isSessionId } from '../../../src/supervisor/domain/ids.ts';
import { until } from '../until.ts';
import { expectedReply } from './expectedReply.ts';
import type { Lane } from './lane.ts';
import { markCommands, ownershipHook, writeFrame } from './paneLog.ts';
import { personLine } from './personLine.ts';
import { idsOf, paneAt, paneOf, type Ending, type Run, type Seen, type Written } from './run.ts';
import type { ActorName, Deed, Schedule } from './schedule.ts';
import { account, violations } from './verdict.ts';

/** Changes the guard's command before it is sent: the mutation. */
export type Mutation = (line: string) => string;
type Context = { lane: Lane; run: Run; mutate: Mutation };

/** Counts over all schedules, to see that something took place. */
export type Tally = { schedules: number; accepted: number; refused: Partial<Record<string, number>>; unknown: number; claims: number };

let sessions = 0;
let writes = 0;

/** Runs a schedule in a session of its own and throws with all that is wrong. */
export async function runSchedule(lane: Lane, schedule: Schedule, mutate: Mutation, tally: Tally): Promise<void> {
  const run = await prepare(lane, schedule);
  const context = { lane, run, mutate };
  try {
    for (const { deed, outMs, backMs, then } of schedule.steps) {
      const answered = act(context, deed, outMs, backMs);
      run.pending.push(answered);
      if (then === 'turn') await nextTurn();
      else if (then === 'answer') await answered;
    }
    await Promise.all(run.pending);
    await probe(context, 'agent a1');
    await probe(context, 'agent b1');
    const ending = await finish(context);
    const wrong = violations(run, ending);
    count(run, tally);
    if (wrong.length > 0) throw new Error([...wrong, account(run, ending)].join('\n'));
  } finally {
    await clear(context);
  }
}

/** Makes the session with its panes, each logging raw bytes, and the hook that marks changes of the owner. */
async function prepare(lane: Lane, { panes, isAdopted }: Schedule): Promise<Run> {
  const name = `cockpit-m${++sessions}`;
  const logs = Array.from({ length: panes === 'one' ? 1 : 2 }, (_, at) => join(lane.tmux.dir, `${name}-${at}`));
  const program = (at: number) => `'stty raw -echo; exec cat > ${logs[at] ?? ''}'`;
  const more = { one: '', split: ` ; split-window -d -P -F '#{session_id} #{pane_id}' -t =${name}: ${program(1)}`, windows: ` ; new-window -d -P -F '#{session_id} #{pane_id}' -t =${name}: ${program(1)}` }[panes];
  const made = await lane.stage.request(text(`new-session -d -P -F '#{session_id} #{pane_id}' -x 80 -y 24 -s ${name} ${program(0)}${more}`));
  const ids = made.map((line) => line.split(' '));
  const id = ids[0]?.[0] ?? '';
  if (!isSessionId(id)) throw new Error(`no session: ${made.join()}`);
  const run: Run = { name, id, panes: ids.map(([, pane = ''], at) => ({ id: paneOf(pane), log: logs[at] ?? '' })), written: [], seen: new Map(), told: new Map(), isKnownGone: false, ended: new Set(), pending: [], person: Promise.resolve() };
  await lane.stage.request(text(ownershipHook(id, idsOf(run), ['a', 'b'])));
  await until(() => logs.every((log) => existsSync(log)), { what: 'the panes log' });
  if (isAdopted) await lane.stage.request(adoptCommand(id, 'a', 'cockpit-a', 0));
  return run;
}

/** Does a deed over its actor's link; resolves when it is answered or will not be any more. */
async function act(context: Context, deed: Deed, outMs: number, backMs: number): Promise<void> {
  const { lane, run } = context;
  const { by } = deed;
  if (deed.do === 'cut') {
    lane.cut(by, deed.delivers);
    return;
  }
  lane.open(by)?.link.delay(outMs, backMs);
  try {
    switch (deed.do) {
      case 'look':
        await look(context, by);
        return;
      case 'write':
        await write(context, by, deed.payload, deed.bytes, deed.cut);
        return;
      case 'adopt':
      case 'claim':
      case 'release':
      case 'take-over':
        await own(context, by, deed.do);
        return;
      case 'copy-mode by process':
        await lane.tmux.run('copy-mode', '-t', paneAt(run, deed.pane));
        return;
      case 'rename':
        await request(context, by, renameSession(run.id, `${deed.name} ${run.name}`));
        return;
      default: {
        const done = run.person.then(() => request(context, by, text(personLine(run, deed))));
        run.person = done.catch(() => undefined); // whoever did it hears of it
        await done;
        if (deed.do === 'kill-session') run.isKnownGone = true;
      }
    }
  } catch (error) {
    // A link that was cut, or something that is gone: both belong to a schedule.
    if (codeOf(error) !== 'link-lost' && !(error instanceof TmuxError) && !/can't find|no such|link was cut/.test(String(error))) throw error;
  }
}

function request<T>({ lane }: Context, by: ActorName, command: TmuxCommand<T>): Promise<T> {
  const open = lane.open(by);
  return open ? open.channel.request(command) : Promise.reject(new CockpitError('link-lost', `${by} has no link left`));
}

async function look(context: Context, by: ActorName): Promise<void> {
  const { run } = context;
  const [reply, pane] = await Promise.all([request(context, by, readMarkCommand(run.id)), request(context, by, displayMessage(run.id, '#{pane_id}'))]);
  told(run, by, reply);
  run.seen.set(by, { ...reply, paneId: paneOf(pane) });
}

async function write(context: Context, by: ActorName, kind: 'keys' | 'paste', bytes: Uint8Array, cut: 'no' | 'delivers' | 'loses' = 'no'): Promise<Written | null> {
  const { run, mutate } = context;
  const seen = run.seen.get(by);
  if (!seen) return null;
  const fence = fenceOf(by, seen);
  const id = ++writes;
  const command = guardedWrite({ id: run.id, paneId: seen.paneId }, fence, { kind, bytes: writeFrame(id, bytes) });
  const written: Written = { id, bytes: Buffer.from(bytes), owner: fence.owner, epoch: fence.epoch, pane: seen.paneId, tooLate: run.isKnownGone, outcome: { kind: 'unknown' } };
  run.written.push(written);
  const answered = request<GuardReply>(context, by, { ...command, line: mutate(command.line) });
  if (cut !== 'no') context.lane.cut(by, cut === 'delivers');
  written.outcome = await answered;
  return written;
}

async function own(context: Context, by: ActorName, what: 'adopt' | 'claim' | 'release' | 'take-over'): Promise<void> {
  const { run } = context;
  const install = by.endsWith('a') ? 'a' : 'b';
  const name = `cockpit-${install}`;
  const command = { adopt: adoptCommand(run.id, install, name, 0), claim: claimCommand(run.id, install, name), release: releaseCommand(run.id, install, name), 'take-over': takeOverCommand(run.id, install, name) }[what];
  const reply = await request(context, by, command);
  told(run, by, reply);
  if (what === 'claim' && reply.mark.owner !== `human:${install}`) throw new Error(`a claim of ${install} was answered with ${reply.mark.owner}`);
}

/** In the quiet at the end an agent looks and writes: tmux's answer must be the one that its state asks for. */
async function probe(context: Context, by: ActorName): Promise<void> {
  const { lane, run } = context;
  const open = lane.open(by);
  if (!open) return;
  open.link.delay(0, 0);
  try {
    await look(context, by);
  } catch (error) {
    if (codeOf(error) !== 'no-session') throw error;
  }
  const seen = run.seen.get(by);
  if (!seen) return;
  const expected = await expectedReply(lane.stage, run.id, seen.paneId, fenceOf(by, seen));
  const reply = (await write(context, by, 'keys', Buffer.from('probe')))?.outcome;
  const got = reply?.kind === 'refused' ? reply.reason : reply?.kind === 'accepted' && reply.leftCopyMode ? 'accepted out of a mode' : reply?.kind;
  if (got !== expected) throw new Error(`${by} got ${String(got)} instead of ${expected}`);
}

async function finish({ lane, run }: Context): Promise<Ending> {
  const rows = await orNone(lane.stage.request(text(`list-panes -s -t '${run.id}' -F '#{pane_id} #{pane_dead}#{pane_input_off} #{@cockpit_epoch}'`)));
  const states = new Map(rows.map((row) => row.split(' ')).map(([pane = '', flags = '']) => [pane, flags === '00' ? 'live' : flags === '01' ? 'off' : 'ended'] as const));
  const epoch = rows[0] === undefined ? null : Number(rows[0].split(' ')[2]);
  const live = idsOf(run).filter((pane) => states.get(pane) === 'live' && !run.ended.has(pane));
  if (live.length > 0) await lane.stage.request(text(markCommands(live, 'end')));
  const panes = await Promise.all(
    run.panes.map(async ({ id, log }) => {
      const state = run.ended.has(id) ? 'ended' : (states.get(id) ?? 'ended');
      const isComplete = (bytes: Buffer) => state === 'ended' || (state === 'live' ? bytes.includes('\x01Mend\x02') : run.written.every((write) => write.pane !== id || write.outcome.kind !== 'accepted' || bytes.includes(`\x01W${write.id}:`)));
      return { id, state, log: await until(async () => [await readFile(log)].find(isComplete), { timeoutMs: 5000, what: `the end of the log of ${id}` }) };
    }),
  );
  return { epoch, panes };
}

async function clear({ lane, run }: Context): Promise<void> {
  await Promise.allSettled(run.pending);
  for (const target of [run.id, `=grouped-${run.name}`]) await orNone(lane.stage.request(text(`kill-session -t '${target}'`)));
  await Promise.all(run.panes.map(({ log }) => rm(log, { force: true })));
}

function count(run: Run, tally: Tally): void {
  tally.schedules++;
  tally.claims += [...run.told].filter(([actor]) => actor.startsWith('operator')).flatMap(([, epochs]) => epochs).length;
  for (const { outcome } of run.written) {
    if (outcome.kind === 'accepted') tally.accepted++;
    else if (outcome.kind === 'unknown') tally.unknown++;
    else tally.refused[outcome.reason] = (tally.refused[outcome.reason] ?? 0) + 1;
  }
}

const text = (line: string): TmuxCommand<string[]> => ({
  line,
  composite: true,
  parse(blocks) {
    const failed = blocks.find((block) => !block.ok);
    // Marks in a pane that is gone fail, and nobody minds.
    if (failed && blocks[0] === failed) throw new TmuxError('failed', failed.lines.join(' '));
    return blocks.filter((block) => block.ok).flatMap((block) => block.lines);
  },
});

async function orNone(lines: Promise<string[]>): Promise<string[]> {
  try {
    return await lines;
  } catch (error) {
    if (error instanceof TmuxError) return [];
    throw error;
  }
}

function told(run: Run, by: ActorName, { mark }: MarkReply): void {
  run.told.set(by, [...(run.told.get(by) ?? []), mark.epoch]);
}

const fenceOf = (by: ActorName, { mark, server }: Seen) => ({ server, owner: by.startsWith('agent a') ? 'agent:a' : 'agent:b', epoch: mark.epoch });
