import { text } from 'node:stream/consumers';
import { password } from '@inquirer/prompts';
import { HumanError } from '../../supervisor/base/errors.ts';

/** The password that a person types unseen, or that comes through stdin; never from argv. */
export async function askPassword(message: string): Promise<string> {
  const typed = process.stdin.isTTY ? await password({ message, mask: false }) : (await text(process.stdin)).replace(/\r?\n$/, '');
  const problem = passwordProblem(typed);
  if (problem !== null) throw new HumanError('no-password', problem, { exitCode: 2 });
  return typed;
}

/** What is wrong with a password, or null. */
export function passwordProblem(typed: string): string | null {
  if (typed === '') return 'There is no password in that: type it, or give it on stdin.';
  return /\p{Cc}/u.test(typed) ? 'A password is one line without control characters.' : null;
}
