import { deviceLoginCommand, deviceLoginFailed, deviceLoginScript, followDeviceLogin, type DeviceLoginEnd } from '../adapters/codex/remoteDeviceLogin.ts';
import type { LoginPage } from '../adapters/codex/loginPage.ts';
import type { Disposable } from '../base/disposable.ts';
import { HumanError } from '../base/errors.ts';
import type { HostLink } from '../hosts/hostLink.ts';
import { noted, type Notes } from '../noted.ts';

/** What it works with; `loggedIn` is called when a host has a new login. */
export type RemoteLoginsDeps = { notes: Notes; loggedIn(alias: string): Promise<void> };

/** Logins by a code that Codex itself makes at a host and the operator's browser completes (MCP-7): one at a time per host. */
export class RemoteLogins implements Disposable {
  readonly #deps: RemoteLoginsDeps;
  readonly #open = new Map<string, { ended: Promise<DeviceLoginEnd>; ending: AbortController }>();

  constructor(deps: RemoteLoginsDeps) {
    this.#deps = deps;
  }

  /** Starts `codex login --device-auth` at a host, in place of one that still waits; resolves with its page. HumanError 'remote-login-failed' if it shows none. */
  async begin(link: HostLink): Promise<LoginPage> {
    const { alias } = link.host;
    await this.#end(alias);
    const ending = new AbortController();
    const page = Promise.withResolvers<LoginPage>();
    const intent = { key: '', host: alias, session: '', actor: 'human', tool: 'remote-login', kind: 'command', detail: { command: deviceLoginCommand }, epoch: null } as const;
    const ended = noted(this.#deps.notes, intent, async () => followDeviceLogin(await link.open(deviceLoginScript, ending.signal), page.resolve, ending.signal), ({ loggedIn, why }) => (loggedIn ? null : why));
    ended.then(({ why }) => { page.reject(deviceLoginFailed(alias, why)); }, page.reject);
    this.#open.set(alias, { ended, ending });
    return await page.promise;
  }

  /** Resolves when the login that was begun is complete; ends it when `signal` aborts. HumanError 'remote-login-failed'. */
  async completed(alias: string, signal: AbortSignal): Promise<void> {
    const running = this.#open.get(alias);
    if (!running) throw new HumanError('no-login', `No login is under way at ${alias}.`);
    const abort = () => { running.ending.abort(signal.reason); };
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { loggedIn, why } = await running.ended;
      if (!loggedIn) throw deviceLoginFailed(alias, why);
      await this.#deps.loggedIn(alias);
    } finally {
      signal.removeEventListener('abort', abort);
      if (this.#open.get(alias) === running) this.#open.delete(alias);
    }
  }

  dispose(): void {
    for (const { ending } of this.#open.values()) ending.abort(new HumanError('down', 'cockpit was taken down'));
  }

  async #end(alias: string): Promise<void> {
    const running = this.#open.get(alias);
    running?.ending.abort(new HumanError('replaced', 'another login was begun'));
    await running?.ended.catch(() => undefined); // who waits for it hears of it
  }
}
