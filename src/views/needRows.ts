import type { WaitingView } from '../supervisor/protocol/api.ts';
import { age, inert, plain, type Row } from './treeItems.ts';

const lineLength = 100;

/** The rows of `Needs You`: every session that waits for a person, below it what it asks, whole, and what can be answered. */
export function needRowsOf(waiting: readonly WaitingView[]): Row[] {
  return waiting.map((one) => needRow(one));
}

/** What one session asks in words: its risk and the command, whole; control characters are escapes. */
export function askedText({ what, approval }: WaitingView): string {
  if (!approval) return inert(what);
  const cut = approval.isCut ? 'A part of it is not on the screen: open the session to see all.\n' : '';
  return `${riskWords(approval)}\n${cut}\n${approval.command.split('\n').map(inert).join('\n')}`;
}

/** `1. Yes, proceed` */
export const optionWords = ({ key, label }: { key: string; label: string }): string => plain(`${key}. ${label}`);

const riskWords = ({ risk, why }: NonNullable<WaitingView['approval']>): string => `${risk} (${plain(why)})`;

function needRow(waiting: WaitingView): Row {
  const { session, name, state, waitingMs, approval } = waiting;
  const host = session.slice(0, session.indexOf('/'));
  const shared = { host, session, children: [] };
  const asked = approval ? approval.command.split('\n').flatMap(pieces) : [waiting.what];
  return {
    ...shared,
    id: `need:${session}`,
    kind: 'session',
    label: plain(name.replace(/^cockpit-/, '')) || session,
    description: [plain(host), state, approval?.risk ?? '', age(waitingMs)].filter(Boolean).join(' · '),
    tooltip: `${plain(name)} on ${plain(host)}: ${state} for ${age(waitingMs)}\n${askedText(waiting)}`,
    icon: approval ? { name: 'bell-dot', color: 'list.warningForeground' } : { name: 'comment-discussion', color: 'list.warningForeground' },
    context: ['need', approval ? 'approval' : ''].filter(Boolean).join(' '),
    speech: `${plain(name)} on ${plain(host)} waits, ${state}${approval ? `, asks for approval, ${approval.risk}` : ''}`,
    children: [
      ...asked.map((text, index): Row => ({ ...shared, id: `need:${session}:line${index}`, kind: 'line', label: inert(text), description: '', tooltip: askedText(waiting), icon: { name: index === 0 ? 'chevron-right' : 'blank', color: null }, context: 'line', speech: inert(text) })),
      ...(approval?.options ?? []).map((option): Row => ({
        ...shared, id: `need:${session}:option${option.key}`, kind: 'option', label: optionWords(option), description: option.selected ? 'selected there' : '', tooltip: 'Shows what is asked, and answers it after you say so', icon: { name: 'reply', color: null }, context: 'option', speech: `answer ${optionWords(option)}`,
      })),
    ],
  };
}

/** A row shows one line, and of a long one the beginning only. */
function pieces(line: string): string[] {
  const found: string[] = [];
  for (let at = 0; at === 0 || at < line.length; at += lineLength) found.push(line.slice(at, at + lineLength));
  return found;
}
