import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { z } from 'zod';
import { readRegularFile } from './atomicFile.ts';

/** Who an `auth.json` is logged in as; a login with a key has no address. */
export type CodexLoginFacts = { email: string | null };

const authFile = z.object({ OPENAI_API_KEY: z.string().nullish(), tokens: z.object({ id_token: z.string(), refresh_token: z.string() }).nullish() });
const claims = z.object({ email: z.string().nullish() });

/** `auth.json` of a CODEX_HOME. */
export const authFileOf = (codexHome: string): string => join(codexHome, 'auth.json');

/** Who a CODEX_HOME is logged in as; null where it is not, or its `auth.json` holds no login. Nobody checks here whether the login still works. */
export async function readLogin(codexHome: string): Promise<CodexLoginFacts | null> {
  const text = await readRegularFile(authFileOf(codexHome));
  const parsed = authFile.safeParse(text === null ? null : parseJson(text));
  if (!parsed.success) return null;
  const { tokens, OPENAI_API_KEY: key } = parsed.data;
  if (tokens) return { email: emailIn(tokens.id_token) };
  return key ? { email: null } : null;
}

function emailIn(jwt: string): string | null {
  const payload = claims.safeParse(parseJson(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')));
  return payload.success ? (payload.data.email ?? null) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // A broken file is one without a login; its words are secrets.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
