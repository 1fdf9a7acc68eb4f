import type { PageLook } from './pageLook.ts';

/** Why a login stops at a page. `verification` and `choice` are for a person, who may do it in an open browser. */
export type StopReason = 'wrong-password' | 'unknown-email' | 'verification' | 'choice' | 'browser-refused' | 'refused' | 'unknown-page';

/** What to do at a page. */
export type Step =
  | { do: 'type'; what: 'email' | 'password' | 'code' }
  | { do: 'press'; button: RegExp }
  | { do: 'choose' }
  | { do: 'stop'; reason: Exclude<StopReason, 'unknown-page'>; say: string }
  | { do: 'wait' };

/** A page that is known by sight. The first rule that matches decides. */
type PageRule = { name: string; site: 'google' | 'openai' | 'callback'; when(look: PageLook): boolean; then: Step };

/** Google's password may be typed here and nowhere else. */
export const passwordHost = 'accounts.google.com';

const consent = /^(continue|allow|authorize|confirm)$/i;
const later = /^(not now|skip|maybe later|no thanks|do this later)$/i;
const has = (look: PageLook, button: RegExp) => look.buttons.some((text) => button.test(text));
const stop = (reason: Exclude<StopReason, 'unknown-page'>, say: string): Step => ({ do: 'stop', reason, say });

const pages: readonly PageRule[] = [
  {
    name: 'google refuses the browser',
    site: 'google',
    when: ({ path, text }) => /\/rejected|\/deniedsigninrejected/.test(path) || /browser or app may not be secure|couldn.t sign you in/i.test(text),
    then: stop('browser-refused', 'Google does not let an automated browser in. Log in by hand instead, in any browser: add --by-hand (with --device also on another machine).'),
  },
  {
    name: 'google says wrong password',
    site: 'google',
    when: ({ fields, invalid, text }) => fields.password && (invalid || /wrong password|password was changed/i.test(text)),
    then: stop('wrong-password', 'Google says that the password is wrong. It was tried once and is not tried again.'),
  },
  { name: 'google password', site: 'google', when: ({ fields }) => fields.password, then: { do: 'type', what: 'password' } },
  {
    name: 'google does not know the address',
    site: 'google',
    when: ({ fields, invalid, text }) => fields.email && (invalid || /couldn.t find your google account/i.test(text)),
    then: stop('unknown-email', 'Google knows no account of this e-mail address: correct it in config.yaml.'),
  },
  { name: 'google account chooser', site: 'google', when: ({ path, choices }) => /accountchooser|chooseaccount/i.test(path) || choices.length > 0, then: { do: 'choose' } },
  { name: 'google e-mail', site: 'google', when: ({ fields }) => fields.email, then: { do: 'type', what: 'email' } },
  {
    name: 'google verification',
    site: 'google',
    when: ({ path, text }) => /\/challenge\/|\/recaptcha|\/sk\/|\/ipp\//.test(path) || /verify it.s you|2-step verification|confirm you.re not a robot/i.test(text),
    then: stop('verification', 'Google asks for one more proof that it is you (a code, your phone, a key).'),
  },
  { name: 'google offers something', site: 'google', when: (look) => has(look, later), then: { do: 'press', button: later } },
  { name: 'google consent', site: 'google', when: (look) => /oauth|consent/.test(look.path) && has(look, consent), then: { do: 'press', button: consent } },
  {
    name: 'openai asks for a person',
    site: 'openai',
    when: ({ path, title, text }) => /\/(mfa|email-verification|phone|add-phone|challenge)/.test(path) || /just a moment/i.test(title) || /verify (that )?you are (a )?human/i.test(text),
    then: stop('verification', 'The login asks for one more proof that it is you.'),
  },
  { name: 'openai refuses', site: 'openai', when: ({ path }) => /\/error\b/.test(path), then: stop('refused', 'The login was refused; the page says why.') },
  { name: 'openai log in', site: 'openai', when: (look) => has(look, /^continue with google$/i), then: { do: 'press', button: /^continue with google$/i } },
  { name: 'openai device code', site: 'openai', when: ({ path, fields }) => /\/device\b/.test(path) && fields.other, then: { do: 'type', what: 'code' } },
  { name: 'openai workspace', site: 'openai', when: ({ path }) => /\/workspace/.test(path), then: stop('choice', 'This account has several workspaces, and one has to be chosen.') },
  { name: 'openai consent', site: 'openai', when: (look) => /\/consent|\/device\b|\/authorize/.test(look.path) && has(look, consent), then: { do: 'press', button: consent } },
  { name: 'device done', site: 'openai', when: ({ path, text }) => /\/device\b/.test(path) && /connected|you can close|all set|signed in/i.test(text), then: { do: 'wait' } },
  { name: 'back at codex', site: 'callback', when: ({ path }) => /^\/(auth\/callback|success)/.test(path), then: { do: 'wait' } },
];

/** The page that `look` shows, or null for one that nobody described. `issuerHost` is where the login began, which is OpenAI's unless Codex was told of another. */
export function recognise(look: PageLook, issuerHost: string): { name: string; step: Step } | null {
  const site = siteOf(look, issuerHost);
  const rule = pages.find((page) => page.site === site && page.when(look));
  return rule === undefined ? null : { name: rule.name, step: rule.then };
}

function siteOf({ protocol, host, path }: PageLook, issuerHost: string): PageRule['site'] | null {
  if (/^(localhost|127\.0\.0\.1):\d+$/.test(host) && /^\/(auth\/callback|success)/.test(path)) return 'callback';
  if (host === issuerHost) return 'openai';
  // A page that came over plain http could be anybody's.
  if (protocol !== 'https:') return null;
  if (host === passwordHost || host === 'myaccount.google.com' || host === 'gds.google.com') return 'google';
  return host === 'auth.openai.com' || host === 'chatgpt.com' ? 'openai' : null;
}
