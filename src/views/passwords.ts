import type * as vscode from 'vscode';
import { z } from 'zod';

const secretList = z.object({ keyringProblem: z.string().nullable(), accounts: z.array(z.object({ account: z.string(), place: z.string().nullable() })) });

/** Passwords of accounts as the editor keeps them: in the desktop's keyring, which the command line reads too; without one in the editor's own SecretStorage (CONF-6). */
export class AccountPasswords {
  readonly #call: (args: string[], input?: string) => Promise<string>;
  readonly #storage: vscode.SecretStorage;
  readonly #dataDir: string;

  constructor(call: (args: string[], input?: string) => Promise<string>, storage: vscode.SecretStorage, dataDir: string) {
    this.#call = call;
    this.#storage = storage;
    this.#dataDir = dataDir;
  }

  /** Keeps a password in one place; an older one elsewhere is taken out. */
  async save(account: string, password: string): Promise<void> {
    const { keyringProblem } = await this.#list();
    if (keyringProblem === null) {
      await this.#call(['secret', 'set', account], `${password}\n`);
      await this.forget(account);
      return;
    }
    await this.#storage.store(this.#name(account), password);
    await this.#call(['secret', 'remove', account]);
  }

  /** What the editor alone keeps of these accounts, by account; the rest the command line finds by itself. One that it was given later counts before the editor's. */
  async ownOf(accounts: readonly string[]): Promise<Record<string, string>> {
    const given = (await this.#list()).accounts.filter(({ place }) => place === 'keyring' || place === 'secrets.yaml').map(({ account }) => account);
    const found = await Promise.all(accounts.filter((account) => !given.includes(account)).map(async (account) => [account, await this.#storage.get(this.#name(account))] as const));
    return Object.fromEntries(found.flatMap(([account, password]) => (password === undefined ? [] : [[account, password]])));
  }

  /** Takes out what the editor alone keeps of an account. */
  async forget(account: string): Promise<void> {
    await this.#storage.delete(this.#name(account));
  }

  async #list(): Promise<z.infer<typeof secretList>> {
    return secretList.parse(JSON.parse(await this.#call(['secret', 'list', '--json'])));
  }

  #name(account: string): string {
    return `password of ${account} in ${this.#dataDir}`;
  }
}
