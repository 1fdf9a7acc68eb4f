import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppServerEvent } from '../../../src/supervisor/adapters/codex/appServerEvents.ts';
import { builtInMarkers } from '../../../src/supervisor/domain/markers.ts';
import { judgeFailure } from '../../../src/supervisor/domain/rotation.ts';
import { codexFixture, type CodexFixture } from '../../support/codex.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;

/** What the issuer of tokens says of a refresh token, and its status. */
const refusals = {
  reused: [401, 'refresh_token_reused'],
  revoked: [401, 'refresh_token_invalidated'],
  expired: [401, 'refresh_token_expired'],
} as const;

describe('a login of ChatGPT that is refused, with a real Codex', function () {
  this.timeout(60_000);
  let fixture: CodexFixture;
  let issuer: Server;
  let url: string;
  let refusal: readonly [number, string] = refusals.reused;
  let refreshes = 0;

  before(async () => {
    fixture = await codexFixture({ script: () => ({ kind: 'http', status: 401 }) });
    issuer = createServer((request, response) => {
      if (request.url !== '/oauth/token') {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      refreshes += 1;
      response.writeHead(refusal[0], { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code: refusal[1], message: 'refused' } }));
    }).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    const address = issuer.address();
    url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  });
  after(async () => {
    await fixture.dispose();
    issuer.close();
  });

  for (const [name, answer] of Object.entries(refusals)) {
    it(`ACCT-6 a refresh token that was ${name} is told from a used up account by what Codex says`, async () => {
      refusal = answer;
      refreshes = 0;
      const authFile = join(fixture.dir, `${name}.json`);
      await writeFile(authFile, JSON.stringify(chatGptLogin()), { mode: 0o600 });
      const providers = { scripted: { name: 'OpenAI', base_url: fixture.model.url, wire_api: 'responses', stream_max_retries: 1, request_max_retries: 0, requires_openai_auth: true, supports_websockets: false } };
      const agent = fixture.agent(fixture.spec(name, {
        authFile,
        codexConfig: { ...fixture.codexConfig, model_providers: providers, chatgpt_base_url: `${url}/backend-api`, cli_auth_credentials_store: 'file' },
        envAllow: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${url}/oauth/token` },
      }));
      const failed: Extract<AppServerEvent, { method: 'turn/completed' }>[] = [];
      agent.onDidReceive((event) => { if (event.method === 'turn/completed') failed.push(event); });
      await agent.start(never);
      await agent.nudge('hello');
      await until(() => failed.length === 1, { what: 'the failed turn', timeoutMs: 30_000 });
      const error = failed[0]?.params.turn.error;
      assert.equal(judgeFailure({ message: error?.message ?? '', code: error?.codexErrorInfo ?? null }, builtInMarkers), 'refused');
      assert.ok(refreshes > 0, 'Codex tried to refresh');
      await agent.stop();
    });
  }
});

/** An `auth.json` as `codex login` writes it for ChatGPT; signatures are not looked at. */
function chatGptLogin(): unknown {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { email: 'a@example.com', exp: Math.floor(Date.now() / 1000) + 3600, 'https://api.openai.com/auth': { chatgpt_account_id: 'acct-a', chatgpt_plan_type: 'plus', chatgpt_user_id: 'u-a' } };
  const token = [part({ alg: 'RS256', typ: 'JWT' }), part(claims), 'c2ln'].join('.');
  return { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens: { id_token: token, access_token: token, refresh_token: 'rt-a', account_id: 'acct-a' }, last_refresh: new Date().toISOString() };
}
