/** What the issuer gives for a code, or for the exchange of an id token; the signature is one that nobody checks. */
export function tokensOf(body: string): unknown {
  const form = new URLSearchParams(body);
  if (/token-exchange/.test(form.get('grant_type') ?? '')) return { access_token: 'sk-scripted' };
  const email = Buffer.from((form.get('code') ?? '').replace(/^code-/, ''), 'base64url').toString();
  const token = jwt(email);
  return { id_token: token, access_token: token, refresh_token: `refresh-${email}`, expires_in: 3600 };
}

function jwt(email: string): string {
  const nowS = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const account = `acct-${email.replaceAll(/\W/g, '-')}`;
  const claims = {
    iss: 'https://auth.openai.com',
    aud: ['app'],
    sub: `user|${email}`,
    email,
    email_verified: true,
    iat: nowS,
    exp: nowS + 3600,
    'https://api.openai.com/auth': { chatgpt_account_id: account, chatgpt_plan_type: 'plus', chatgpt_user_id: `u-${email}`, user_id: `u-${email}`, organizations: [] },
  };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2ln`;
}

/** The only workspace of an account, in the shape that Codex asks for after a login. */
export function workspaceOf(id: string): unknown {
  const account = { id, name: 'Personal', structure: 'personal', plan_type: 'plus', profile_picture_url: null, is_deactivated: false, account_routing_override: 'NO_CONSTRAINT', workspace_backend_origin: 'https://chatgpt.com', can_access_with_session: true, sso_connection_name: null, is_fedramp_compliant_workspace: false };
  return { accounts: [account], account_ordering: [id], default_account_id: id };
}
