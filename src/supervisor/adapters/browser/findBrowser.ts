import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** How to get a browser. */
export const howToGetBrowser = 'Install Chromium or Chrome, for example `sudo apt install chromium`, or set COCKPIT_BROWSER to the program.';

/** The Chromium or Chrome that logs accounts in: COCKPIT_BROWSER, else the first on PATH; null where there is none. */
export async function findBrowser(env: NodeJS.ProcessEnv): Promise<string | null> {
  const own = env['COCKPIT_BROWSER'];
  if (own) return (await isExecutable(own)) ? own : null;
  for (const name of names) {
    for (const dir of (env['PATH'] ?? '').split(delimiter)) {
      const path = join(dir, name);
      if (isAbsolute(dir) && (await isExecutable(path))) return path;
    }
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}
