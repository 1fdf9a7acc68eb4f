import { parseLog, type Frame } from './paneLog.ts';
import type { Ending, Run, Written } from './run.ts';

/** What is wrong with a run, one line each; none if every invariant held. */
export function violations(run: Run, ending: Ending): string[] {
  const found: string[] = [];
  const landed = new Map<number, number>();
  for (const pane of ending.panes) {
    const frames = parseLog(pane.log, pane.state === 'ended');
    found.push(...inOrder(run, pane.id, frames));
    for (const frame of frames) if (frame.kind === 'write') landed.set(frame.id, (landed.get(frame.id) ?? 0) + 1);
    const epoch = frames.filter((frame) => frame.kind === 'mark' && frame.text.startsWith('own:')).length;
    if (pane.state === 'live' && ending.epoch !== null && epoch !== ending.epoch) found.push(`${pane.id} saw ${epoch} changes of the owner, the epoch is ${ending.epoch}`);
  }
  for (const write of run.written) found.push(...byReply(write, landed.get(write.id) ?? 0, ending));
  for (const [actor, epochs] of run.told) if (epochs.some((epoch, at) => epoch < (epochs[at - 1] ?? 0))) found.push(`${actor} was told epochs that go back: ${epochs.join(' ')}`);
  return found;
}

/** What took place, for a person: each write as it was sent and answered, and each pane's log. */
export function account(run: Run, ending: Ending): string {
  const writes = run.written.map(({ id, owner, epoch, pane, outcome }) => `write ${id} of ${owner} ${epoch} to ${pane}: ${JSON.stringify(outcome)}`);
  const logs = ending.panes.map(({ id, state, log }) => `${id} (${state}): ${parseLog(log, true).map((frame) => (frame.kind === 'mark' ? frame.text : `write ${frame.id}`)).join(', ')}`);
  return [...writes, ...logs].join('\n');
}

/** The log of one pane, read from its start: whatever stands in it must have been allowed at that moment. */
function inOrder(run: Run, paneId: string, frames: Frame[]): string[] {
  const found: string[] = [];
  const now = { epoch: 0, owner: '', active: String(run.panes[0]?.id), sync: false, off: false, killed: false };
  for (const frame of frames) {
    if (frame.kind === 'mark') {
      const [kind, ...rest] = frame.text.split(':');
      const value = rest.join(':');
      if (kind === 'own') Object.assign(now, { epoch: now.epoch + 1, owner: value });
      else if (kind === 'active') now.active = value;
      else if (kind === 'sync') now.sync = value === 'on';
      else if (kind === 'off') now.off = true;
      else if (kind === 'killed') now.killed = true;
      continue;
    }
    const write = run.written.find((one) => one.id === frame.id);
    const wrong = (what: string) => found.push(`write ${frame.id} in ${paneId}: ${what}`);
    if (!write) wrong('nobody sent it');
    else if (!frame.bytes.equals(write.bytes)) wrong('other bytes than were sent');
    else if (write.pane !== paneId) wrong(`meant for ${write.pane}`);
    else if (write.owner !== now.owner || write.epoch !== now.epoch) wrong(`carries ${write.owner} ${write.epoch}, but ${now.owner} ${now.epoch} owns`);
    if (now.active !== paneId && now.active !== '?') wrong(`the active pane is ${now.active}`);
    if (now.sync) wrong('the pane is synchronized');
    if (now.off) wrong('the input of the pane is off');
    if (now.killed) wrong('the session is gone');
  }
  return found;
}

/** What was said of a write, against how often it stands in the logs. */
function byReply(write: Written, times: number, ending: Ending): string[] {
  const wrong = (what: string) => [`write ${write.id} (${write.outcome.kind}, epoch ${write.epoch}): ${what}`];
  if (times > 1) return wrong(`is there ${times} times`);
  if (write.outcome.kind === 'refused' && times > 0) return wrong('is there all the same');
  if (write.outcome.kind !== 'accepted') return [];
  if (write.tooLate) return wrong('sent to a session that was gone');
  // What a program that ended meanwhile did not read is nobody's to give back.
  const pane = ending.panes.find((one) => one.id === write.pane);
  return times === 0 && pane !== undefined && pane.state !== 'ended' ? wrong('is lost') : [];
}
