import { delay } from '../../base/clock.ts';
import { HumanError } from '../../base/errors.ts';
import type { LoginBrowser } from './loginBrowser.ts';
import { recognise, type Step, type StopReason } from './pages.ts';

/** Who logs in: `userCode` is the code of the device flow. */
export type WalkAccount = { key: string; email: string; password: string | null; userCode: string | null };

/** How a walk goes. `attended`: a person sits in front of the browser and can do what only a person can. */
export type WalkOptions = { browser: LoginBrowser; account: WalkAccount; issuerHost: string; pictures: string; attended: boolean; say: (line: string) => void; signal: AbortSignal; patience?: Partial<Patience> };

/** How long a page may stay as it is, in ms. */
type Patience = { unknownMs: number; stuckMs: number; personMs: number };
const usualPatience: Patience = { unknownMs: 10_000, stuckMs: 30_000, personMs: 15 * 60_000 };

const lookEveryMs = 150;
/** A page that looks the same for so long has been built. */
const settledMs = 300;
/** What did not work the first time is done once more; a password never is. */
const againMs = 6_000;

/** The page as it is, since when, and what was done to it. */
type Here = { id: string; sinceMs: number; acts: number; told: boolean };

/** Goes from page to page and does what the table says until `signal` ends it. Rejects HumanError `login-…` at a page where it cannot go on. Decides nothing that the table does not say. */
export async function walk(options: WalkOptions): Promise<never> {
  const { browser, issuerHost, signal } = options;
  const patience = { ...usualPatience, ...options.patience };
  let here: Here = { id: '', sinceMs: performance.now(), acts: 0, told: false };
  for (;;) {
    signal.throwIfAborted();
    const look = await browser.look();
    if (look !== null) {
      const page = recognise(look, issuerHost);
      const id = `${page?.name ?? 'unknown'} ${look.host}${look.path}`;
      if (id !== here.id) here = { id, sinceMs: performance.now(), acts: 0, told: false };
      const waitedMs = performance.now() - here.sinceMs;
      if (waitedMs >= settledMs) await visit(options, patience, here, page?.step ?? null, waitedMs, `${look.host}${look.path}`);
    }
    await delay(lookEveryMs, signal);
  }
}

async function visit(options: WalkOptions, patience: Patience, here: Here, step: Step | null, waitedMs: number, place: string): Promise<void> {
  if (step === null) {
    if (waitedMs > patience.unknownMs) await needsPerson(options, patience, here, waitedMs, 'unknown-page', `The page ${place} is not known to cockpit.`);
    return;
  }
  switch (step.do) {
    case 'wait':
      if (waitedMs > patience.stuckMs) throw await stopped(options, 'refused', `Codex did not finish the login after ${place}.`);
      return;
    case 'stop':
      if (step.reason !== 'verification' && step.reason !== 'choice') throw await stopped(options, step.reason, step.say);
      await needsPerson(options, patience, here, waitedMs, step.reason, step.say);
      return;
    case 'type':
      if (step.what === 'password' && options.account.password === null) {
        await needsPerson(options, patience, here, waitedMs, 'no-password', `cockpit has no password of ${options.account.key}: \`cockpit secret set ${options.account.key}\` stores one.`);
        return;
      }
      break;
    case 'press':
    case 'choose':
      break;
  }
  const isSecret = step.do === 'type' && step.what === 'password';
  if (here.acts === 0 || (here.acts === 1 && waitedMs > againMs && !isSecret)) {
    here.acts += 1;
    await act(options, step);
  } else if (waitedMs > patience.stuckMs) {
    await needsPerson(options, patience, here, waitedMs, 'unknown-page', `The page ${place} did not go on.`);
  }
}

async function act({ browser, account }: WalkOptions, step: Extract<Step, { do: 'type' | 'press' | 'choose' }>): Promise<void> {
  switch (step.do) {
    case 'press':
      await browser.press(step.button);
      return;
    case 'choose':
      await browser.choose(account.email);
      return;
    case 'type': {
      const text = { email: account.email, password: account.password, code: account.userCode }[step.what];
      if (text === null) throw new HumanError('login-unknown-page', `The page asks for a ${step.what}, and there is none.`);
      await browser.type(step.what, text);
    }
  }
}

/** With a person there: says once what is to be done in the open browser, and goes on when the page does. Without one it stops. */
async function needsPerson(options: WalkOptions, patience: Patience, here: Here, waitedMs: number, reason: StopReason | 'no-password', say: string): Promise<void> {
  if (!options.attended || waitedMs > patience.personMs) {
    const { key } = options.account;
    throw await stopped(options, reason, `${say} Run \`cockpit login-accounts ${key}\` without --headless and do it in the window; what was done so far is kept. Or log in by hand: \`cockpit login-accounts ${key} --device --by-hand\`.`);
  }
  if (here.told) return;
  here.told = true;
  options.say(`${options.account.key}: ${say} Do it in the browser; cockpit goes on from there.`);
}

async function stopped({ browser, account, pictures }: WalkOptions, reason: StopReason | 'no-password', say: string): Promise<HumanError> {
  const picture = await browser.picture(pictures, `${account.key}-${new Date().toISOString().replaceAll(':', '-')}`);
  return new HumanError(`login-${reason}`, `${say} ${picture.kind === 'taken' ? `What the browser showed: ${picture.path}` : `No picture was kept: ${picture.why}.`}`);
}
