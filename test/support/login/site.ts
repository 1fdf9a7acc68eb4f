import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { GoogleAccount, Transaction } from './account.ts';
import { consentPage, chooserPage, devicePage, donePage, emailPage, loginPage, oauthPage, passwordPage, phonePage, surprisePage } from './pages.ts';
import { tokensOf, workspaceOf } from './tokens.ts';

/** A scripted login: OpenAI's issuer and pages, and Google's, under their own names in a browser that is started by `browser`. Nothing else can be reached from it. */
export type LoginSite = {
  /** `codex_config` of a Codex whose account is looked up here. */
  codexConfig: { chatgpt_base_url: string };
  /** What Codex and cockpit get in their environment. */
  env: { CODEX_APP_SERVER_LOGIN_ISSUER: string; COCKPIT_BROWSER: string };
  /** `HOST PATH` of every page that was asked for. */
  visits: string[];
  /** The person taps on the phone. */
  tap(): void;
  /** The person enters the device's code somewhere else. */
  approveDevice(email: string): void;
  stop(): Promise<void>;
};

const html = (response: ServerResponse, body: string, cookie?: string) => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...(cookie === undefined ? {} : { 'set-cookie': cookie }) }).end(body);
};
const json = (response: ServerResponse, status: number, body: unknown) => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)); };
const go = (response: ServerResponse, location: string, cookie?: string) => { response.writeHead(302, { location, ...(cookie === undefined ? {} : { 'set-cookie': cookie }) }).end(); };

/** Starts the issuer and the pages on loopback. */
export async function startLoginSite(accounts: readonly GoogleAccount[]): Promise<LoginSite> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const script = new LoginScript(accounts);
  const issuer = await listen(createServer(script.issuer));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test', '-keyout', join(dir, 'key'), '-out', join(dir, 'cert')], { stdio: 'ignore' });
  const pages = await listen(createTlsServer({ key: await readFile(join(dir, 'key')), cert: await readFile(join(dir, 'cert')) }, script.pages));
  script.origin = issuer.origin;
  const mapped = ['auth.openai.com', 'accounts.google.com'].map((host) => `MAP ${host}:443 127.0.0.1:${pages.port}`);
  const browser = join(dir, 'browser');
  const rules = [...mapped, 'MAP * ~NOTFOUND', 'EXCLUDE localhost', 'EXCLUDE 127.0.0.1'].join(', ');
  await writeFile(browser, `#!/bin/sh\nexec chromium --ignore-certificate-errors '--host-resolver-rules=${rules}' --disable-gpu --disable-quic "$@"\n`, { mode: 0o755 });
  return {
    codexConfig: { chatgpt_base_url: `${issuer.origin}/backend-api` },
    env: { CODEX_APP_SERVER_LOGIN_ISSUER: issuer.origin, COCKPIT_BROWSER: browser },
    visits: script.visits,
    approveDevice: (email) => { script.deviceEmail = email; },
    tap: () => { script.tapped = true; },
    async stop() {
      await issuer.close();
      await pages.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What is known of a browser: its login under way and who is logged in there. */
class LoginScript {
  readonly visits: string[] = [];
  origin = '';
  tapped = false;
  deviceEmail: string | null = null;
  readonly #accounts: readonly GoogleAccount[];
  #transaction: Transaction | null = null;

  constructor(accounts: readonly GoogleAccount[]) {
    this.#accounts = accounts;
  }

  /** The part that Codex talks to. */
  readonly issuer: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '/', this.origin);
    void this.#answerIssuer(request, response, url);
  };

  async #answerIssuer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    switch (url.pathname) {
      case '/oauth/authorize':
        this.#transaction = { redirect: url.searchParams.get('redirect_uri') ?? '', state: url.searchParams.get('state') ?? '', deviceCode: null };
        go(response, 'https://auth.openai.com/log-in');
        return;
      case '/codex/device':
        go(response, 'https://auth.openai.com/codex/device');
        return;
      case '/oauth/token':
        json(response, 200, tokensOf(await text(request)));
        return;
      case '/api/accounts/deviceauth/usercode':
        this.#transaction = { redirect: '', state: '', deviceCode: 'ABCD-EFGHI' };
        this.deviceEmail = null;
        json(response, 200, { device_auth_id: 'dev-1', user_code: 'ABCD-EFGHI', interval: '1', expires_at: new Date(Date.now() + 900_000).toISOString() });
        return;
      case '/api/accounts/deviceauth/token':
        if (this.deviceEmail === null) json(response, 403, { error: 'pending' });
        else json(response, 200, { authorization_code: codeOf(this.deviceEmail), code_challenge: 'x', code_verifier: 'y' });
        return;
      case '/backend-api/wham/accounts/check':
        json(response, 200, workspaceOf(String(request.headers['chatgpt-account-id'])));
        return;
      default:
        json(response, 404, { error: url.pathname });
    }
  }

  /** The part that a person, or the browser for her, talks to. */
  readonly pages: RequestListener = (request, response) => {
    const host = request.headers.host ?? '';
    const url = new URL(request.url ?? '/', `https://${host}`);
    if (url.pathname === '/favicon.ico') {
      response.writeHead(404).end();
      return;
    }
    this.visits.push(`${host} ${url.pathname}`);
    void text(request).then((body) => { this.#answerPage(host, url, new URLSearchParams(body), request, response); });
  };

  #answerPage(host: string, url: URL, form: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const cookies = new Map((request.headers.cookie ?? '').split('; ').map((part) => [part.split('=')[0] ?? '', decodeURIComponent(part.split('=')[1] ?? '')] as const));
    const known = this.#accounts.find(({ email }) => email === cookies.get('known'));
    const account = this.#accounts.find(({ email }) => email === (form.get('identifier') ?? url.searchParams.get('id')));
    const next = (path: string, who: GoogleAccount) => { go(response, `${path}?id=${encodeURIComponent(who.email)}`); };
    if (host === 'auth.openai.com') {
      this.#answerOpenAi(url, form, cookies.get('user') ?? null, response);
      return;
    }
    switch (url.pathname) {
      case '/o/oauth2/v2/auth':
        go(response, known === undefined ? '/v3/signin/identifier' : '/v3/signin/accountchooser');
        return;
      case '/v3/signin/accountchooser':
        html(response, chooserPage(known?.email ?? ''));
        return;
      case '/v3/signin/identifier':
        if (request.method === 'GET' || account === undefined) html(response, emailPage(request.method === 'POST'));
        else next('/v3/signin/challenge/pwd', account);
        return;
      case '/v3/signin/challenge/pwd':
        if (request.method === 'GET' || account === undefined) html(response, passwordPage(false));
        else if (form.get('Passwd') !== account.password) html(response, passwordPage(true));
        else if (account.phone && !this.tapped) next('/v3/signin/challenge/dp', account);
        else if (account.surprise !== undefined) next('/news', account);
        else next('/signin/oauth/consent', account);
        return;
      case '/news':
        html(response, surprisePage(account?.surprise ?? 'fields', account?.password ?? ''));
        return;
      case '/v3/signin/challenge/dp':
        if (this.tapped && account !== undefined) next('/signin/oauth/consent', account);
        else html(response, phonePage());
        return;
      case '/signin/oauth/consent':
        if (account === undefined) break;
        if (request.method === 'GET') html(response, oauthPage(account.email), `known=${encodeURIComponent(account.email)}; Path=/; Max-Age=86400; Secure`);
        else go(response, `https://auth.openai.com/api/accounts/callback/google?id=${encodeURIComponent(account.becomes ?? account.email)}`);
        return;
    }
    if (!response.headersSent) response.writeHead(404).end();
  }

  #answerOpenAi(url: URL, form: URLSearchParams, user: string | null, response: ServerResponse): void {
    const transaction = this.#transaction;
    switch (url.pathname) {
      case '/log-in':
        html(response, loginPage());
        return;
      case '/api/accounts/callback/google':
        go(response, transaction?.deviceCode ? '/codex/device' : '/sign-in-with-chatgpt/codex/consent', `user=${encodeURIComponent(url.searchParams.get('id') ?? '')}; Path=/; Secure`);
        return;
      case '/codex/device':
        if (user === null) go(response, '/log-in');
        else if (form.get('code') !== transaction?.deviceCode) html(response, devicePage());
        else html(response, consentPage('/codex/device/allow'));
        return;
      case '/codex/device/allow':
        this.deviceEmail = user;
        html(response, donePage());
        return;
      case '/sign-in-with-chatgpt/codex/consent':
        html(response, consentPage('/sign-in-with-chatgpt/codex/allow'));
        return;
      case '/sign-in-with-chatgpt/codex/allow':
        go(response, `${transaction?.redirect ?? ''}?code=${codeOf(user ?? '')}&state=${encodeURIComponent(transaction?.state ?? '')}`);
        return;
      default:
        response.writeHead(404).end();
    }
  }
}

const codeOf = (email: string) => `code-${Buffer.from(email).toString('base64url')}`;

async function listen(server: Server): Promise<{ origin: string; port: number; close(): Promise<void> }> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => { resolve(); });
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${address.port}`, port: address.port, close };
}
