import * as vscode from 'vscode';
import { HumanError } from '../supervisor/base/errors.ts';
import type { WaitingView } from '../supervisor/protocol/api.ts';
import type { Connection } from './connection.ts';
import { askedText, optionWords } from './needRows.ts';
import { plain } from './treeItems.ts';

const open = 'Open';

/** Shows the person what a session asks, whole, and gives exactly that the answer that they choose. What has no menu is opened. HumanError if it asks nothing or something else by then. */
export async function answerSession(connection: Connection, session: string, openSession: (session: string) => Promise<void>): Promise<void> {
  const { waiting } = await connection.request('attention/list', {});
  const found = waiting.find((one) => one.session === session);
  if (!found) throw new HumanError('no-approval', `${session} asks nothing any more.`);
  if (!found.approval) {
    await openSession(session);
    return;
  }
  const chosen = await ask(found, found.approval);
  if (chosen === undefined) return;
  if (chosen === open) {
    await openSession(session);
    return;
  }
  const { outcome, explanation } = await connection.request('attention/answer', { session, option: chosen, fingerprint: found.approval.fingerprint });
  if (outcome !== 'accepted') throw new HumanError('not-answered', explanation);
}

/** The key of an option, `Open`, or undefined if the person leaves it. The harmless button is the one that Enter takes. */
async function ask(waiting: WaitingView, { options }: NonNullable<WaitingView['approval']>): Promise<string | undefined> {
  const keys = new Map(options.map(({ key }) => [plain(`Answer ${key}`), key]));
  const alias = waiting.session.slice(0, waiting.session.indexOf('/'));
  const detail = [askedText(waiting), '', ...options.map(optionWords)].join('\n');
  const answer = await vscode.window.showInformationMessage(`${plain(waiting.name)} on ${plain(alias)} asks`, { modal: true, detail }, open, ...keys.keys());
  return answer === open ? open : keys.get(answer ?? '');
}
