import { bytesArgument } from '../../../src/supervisor/adapters/tmux/argument.ts';
import type { PaneId, SessionId } from '../../../src/supervisor/domain/ids.ts';

/** What stands in the raw log of a pane: texts of writers, Enter (`enter`) and marks of what happened to the pane, in the order in which tmux took them. */
export type Frame = { kind: 'write'; id: number; bytes: Buffer } | { kind: 'mark'; text: string };

/** A text of a writer, framed so that any bytes can be told apart from what is beside them. */
export function writeFrame(id: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`\x01W${id}:${bytes.length}:`), bytes, Buffer.from('\x02')]);
}

/** Commands that put a mark into the log of every pane, whatever mode it is in; a pane that is gone stops none of the rest. */
export function markCommands(panes: readonly PaneId[], text: string): string {
  return [`set-buffer -b mark -- ${bytesArgument(markFrame(text))}`, ...panes.map((pane) => pasteMark('mark', pane))].join(' ; ');
}

/**
 * Commands that make tmux itself mark every change of the session's owner (`own:OWNER`) in the panes' logs, inside the command list that makes the change:
 * the product's own commands stay as they are. What is typed before and after the change stands before and after the mark.
 */
export function ownershipHook(session: SessionId, panes: readonly PaneId[], installs: readonly string[]): string {
  const owners = installs.flatMap((install) => [`human:${install}`, `agent:${install}`]);
  const buffers = owners.map((owner, at) => `set-buffer -b own-${at} -- ${bytesArgument(markFrame(`own:${owner}`))}`);
  const branches = owners.map((owner, at) => {
    const isNow = `#{==:#{hook_argument_0} #{@cockpit_owner},@cockpit_epoch ${owner}}`;
    return `if-shell -F -t '${session}:' '${isNow}' { ${panes.map((pane) => pasteMark(`own-${at}`, pane)).join(' ; ')} }`;
  });
  return [...buffers, `set-hook -t '${session}' after-set-option ${bytesArgument(Buffer.from(branches.join(' ; ')))}`].join(' ; ');
}

/** Reads a log. Throws where it holds anything but whole frames; only the end may be cut off if `mayEndEarly`. */
export function parseLog(log: Buffer, mayEndEarly: boolean): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (at < log.length) {
    const read = frameAt(log, at);
    if (read === 'cut-off' && mayEndEarly) break;
    if (read === 'cut-off' || read === null) throw new Error(`byte ${at} of the pane's log is no frame: ${JSON.stringify(log.toString('latin1', at, at + 60))} behind ${JSON.stringify(log.toString('latin1', Math.max(0, at - 60), at))}`);
    frames.push(read.frame);
    at = read.end;
  }
  return frames;
}

function frameAt(log: Buffer, at: number): { frame: Frame; end: number } | 'cut-off' | null {
  const head = log.toString('latin1', at, at + 80);
  if (head.startsWith('\r')) return { frame: { kind: 'mark', text: 'enter' }, end: at + 1 };
  const mark = /^\x01M([^\x02]*)\x02/.exec(head); // eslint-disable-line no-control-regex -- the frames' own brackets
  if (mark) return { frame: { kind: 'mark', text: mark[1] ?? '' }, end: at + mark[0].length };
  const write = /^\x01W(\d+):(\d+):/.exec(head); // eslint-disable-line no-control-regex -- the same
  if (!write) return /^\x01(?:$|[MW][^\x01\x02]*$)/.test(head) ? 'cut-off' : null; // eslint-disable-line no-control-regex -- the same
  const start = at + write[0].length;
  const end = start + Number(write[2]);
  if (end >= log.length) return 'cut-off';
  return log[end] === 2 ? { frame: { kind: 'write', id: Number(write[1]), bytes: log.subarray(start, end) }, end: end + 1 } : null;
}

function markFrame(text: string): Buffer {
  return Buffer.from(`\x01M${text}\x02`);
}

/** tmux 3.3 crashes when it pastes into a dead pane. */
function pasteMark(buffer: string, pane: PaneId): string {
  return `if-shell -F -t ${pane} '#{&&:#{!=:#{pane_dead},1},#{m:?${pane.slice(1)},#{pane_id}}}' { paste-buffer -r -b ${buffer} -t ${pane} }`;
}
