/** The page where a login goes on; `userCode` is what it asks for in the device way. */
export type LoginPage = { url: string; userCode: string | null };

/** Codex's own settings of where a login goes. */
export const issuerNames = ['CODEX_APP_SERVER_LOGIN_ISSUER'];
const issuer = 'https://auth.openai.com';

/** Whether a login may go on at an address that somebody else named: a page of the issuer, Codex's or the one that `env` has instead. */
export function isIssuerPage(url: string, env: NodeJS.ProcessEnv): boolean {
  const own = issuerNames.map((name) => env[name]).find((value) => value !== undefined);
  return URL.canParse(url) && new URL(url).origin === new URL(own ?? issuer).origin;
}
