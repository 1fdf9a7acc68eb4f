import { text } from 'node:stream/consumers';
import { password } from '@inquirer/prompts';
import { z } from 'zod';
import { HumanError } from '../../supervisor/base/errors.ts';

/** The password that a person types unseen, or that comes through stdin; never from argv. */
export async function askPassword(message: string): Promise<string> {
  const typed = process.stdin.isTTY ? await password({ message, mask: false }) : (await text(process.stdin)).replace(/\r?\n$/, '');
  const problem = passwordProblem(typed);
  if (problem !== null) throw new HumanError('no-password', problem, { exitCode: 2 });
  return typed;
}

const byAccount = z.record(z.string(), z.string());

/** Passwords that come through stdin as one JSON object, by account. HumanError if it is none, or for what is no account or no password; the error quotes nothing of it. */
export async function passwordsFromStdin(accounts: readonly { key: string }[]): Promise<ReadonlyMap<string, string>> {
  const refuse = (why: string) => new HumanError('no-password', `${why} --passwords-stdin takes one JSON object: {"ACCOUNT": "PASSWORD"}.`, { exitCode: 2 });
  const given = readPasswords(await text(process.stdin));
  if (given === null) throw refuse('What came through stdin is something else.');
  const passwords = new Map(Object.entries(given));
  for (const [key, typed] of passwords) {
    if (!accounts.some((account) => account.key === key)) throw refuse(`It names an account that is not in the configuration (there are ${accounts.map((account) => account.key).join(', ')}).`);
    const problem = passwordProblem(typed);
    if (problem !== null) throw refuse(problem);
  }
  return passwords;
}

/** What is wrong with a password, or null. */
export function passwordProblem(typed: string): string | null {
  if (typed === '') return 'There is no password in that: type it, or give it on stdin.';
  return /\p{Cc}/u.test(typed) ? 'A password is one line without control characters.' : null;
}

function readPasswords(json: string): Record<string, string> | null {
  try {
    return byAccount.parse(JSON.parse(json));
  } catch {
    return null; // both errors would quote it
  }
}
