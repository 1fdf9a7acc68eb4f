import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HumanError, messageOf } from '../../base/errors.ts';
import { ensurePrivateDir } from '../../protocol/privateDir.ts';
import type { CodexConfig } from '../../domain/config.ts';
import { writeAtomically } from './atomicFile.ts';
import type { CodexBinary } from './codexBinary.ts';
import { inheritedEnv } from './launch.ts';
import { authFileOf, readLogin } from './loginFile.ts';
import { issuerNames, type LoginPage } from './loginPage.ts';
import { StdioAppServer } from './stdioAppServer.ts';
import { mergeConfig, toToml } from './toml.ts';

/** By a browser that comes back to this machine, or by a code that is typed into a page anywhere. */
export type LoginWay = 'browser' | 'device';

const started = z.union([
  z.object({ type: z.literal('chatgpt'), authUrl: z.string() }).transform(({ authUrl }): LoginPage => ({ url: authUrl, userCode: null })),
  z.object({ type: z.literal('chatgptDeviceCode'), verificationUrl: z.string(), userCode: z.string() }).transform(({ verificationUrl, userCode }): LoginPage => ({ url: verificationUrl, userCode })),
]);
const completed = z.object({ success: z.boolean(), error: z.string().nullable() });

/** A login that the real Codex makes, in a home of its own: the account's `auth.json` changes at the end, in one step, and only if it is the right account. */
export class CodexLogin {
  readonly page: LoginPage;
  /** Resolves when Codex has the tokens; rejects HumanError 'login-failed'. */
  readonly completed: Promise<void>;
  readonly #server: StdioAppServer;
  readonly #accountHome: string;
  readonly #scratchHome: string;

  private constructor(server: StdioAppServer, page: LoginPage, done: Promise<void>, accountHome: string, scratchHome: string) {
    this.#server = server;
    this.page = page;
    this.completed = done;
    this.#accountHome = accountHome;
    this.#scratchHome = scratchHome;
  }

  /** Asks Codex for a login page. `accountHome` is made where it is missing (0700); `codexConfig` is the operator's. */
  static async start(binary: CodexBinary, way: LoginWay, accountHome: string, codexConfig: CodexConfig, env: NodeJS.ProcessEnv): Promise<CodexLogin> {
    ensurePrivateDir(accountHome);
    const scratchHome = await mkdtemp(join(accountHome, 'login-'));
    // A login in Codex's own keyring would be one that no agent can link to.
    await writeAtomically(join(scratchHome, 'config.toml'), toToml(mergeConfig(codexConfig, { cli_auth_credentials_store: 'file', check_for_update_on_startup: false })));
    const issuer = issuerNames.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
    const server = new StdioAppServer(binary.path, {
      env: { ...inheritedEnv(env), ...Object.fromEntries(issuer), HOME: scratchHome, CODEX_HOME: scratchHome },
      cwd: scratchHome,
    });
    try {
      await server.call('initialize', { clientInfo: { name: 'cockpit', title: 'Cockpit', version: '0.1.0' }, capabilities: { experimentalApi: true } }, z.object({ userAgent: z.string() }));
      server.notify('initialized');
      const done = server.next('account/login/completed', completed).then(({ success, error }) => {
        if (!success) throw new HumanError('login-failed', `Codex did not get the login: ${whyNot(error)}`);
      });
      done.catch(() => undefined); // Who waits for it hears of it; until then nobody does.
      const page = await server.call('account/login/start', { type: way === 'device' ? 'chatgptDeviceCode' : 'chatgpt' }, started);
      return new CodexLogin(server, page, done, accountHome, scratchHome);
    } catch (error) {
      await server.close();
      await rm(scratchHome, { recursive: true, force: true });
      throw new HumanError('login-failed', `Codex does not begin a login: ${messageOf(error)}. If another login is under way, end it first.`, { cause: error });
    }
  }

  /** Makes the login the account's. HumanError 'login-wrong-account' if the browser logged somebody else in; what was there before stays then. */
  async install(email: string): Promise<void> {
    const login = await readLogin(this.#scratchHome);
    if (login === null) throw new HumanError('login-failed', 'Codex says that it is logged in, but wrote no auth.json that can be read.');
    if (login.email?.toLowerCase() !== email.toLowerCase()) {
      throw new HumanError('login-wrong-account', `The browser logged in ${login.email ?? 'an account without an address'}, not ${email}; nothing was changed. Choose the right account, or correct the address in config.yaml.`);
    }
    await chmod(authFileOf(this.#scratchHome), 0o600);
    await rename(authFileOf(this.#scratchHome), authFileOf(this.#accountHome));
  }

  /** Ends Codex and removes its scratch home. */
  async close(): Promise<void> {
    await this.#server.close();
    await rm(this.#scratchHome, { recursive: true, force: true });
  }
}

/** Every Codex waits for the browser at the same port of the machine, and the one that comes later ends the one before. */
function whyNot(error: string | null): string {
  return error !== null && /login cancelled/i.test(error) ? 'another login of Codex began on this machine meanwhile and ended this one. Run it again when that one is done.' : (error ?? 'it does not say why');
}
