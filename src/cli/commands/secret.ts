import { accountOf } from '../accounts/account.ts';
import { askPassword } from '../accounts/askPassword.ts';
import { importPasswords, keyringProblem, passwordPlaces, removePassword, savePassword } from '../accounts/secrets.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';

/** `cockpit secret set ACCOUNT`: keeps the password of an account, typed unseen or from stdin (CONF-6). */
export async function setSecret(options: GlobalOptions, key: string): Promise<void> {
  const paths = pathsFor(options);
  const account = await accountOf(paths, key);
  const place = await savePassword(paths, key, await askPassword(`Password of ${account.email}`));
  say(`The password of ${key} is in ${placeName(place, paths.secrets)}.`);
}

/** `cockpit secret list`: which accounts have a password, and where; never the password. */
export async function listSecrets(options: GlobalOptions, own: { json?: boolean }): Promise<void> {
  const paths = pathsFor(options);
  const places = await passwordPlaces(paths);
  if (own.json) {
    sayJson({ accounts: places, keyringProblem: await keyringProblem(paths) });
    return;
  }
  if (places.length === 0) say('No accounts; `cockpit setup` adds one.');
  for (const { account, email, place } of places) say(plain(`${account} (${email})  ${place === null ? 'no password' : placeName(place, paths.secrets)}`));
}

/** `cockpit secret remove ACCOUNT`. */
export async function removeSecret(options: GlobalOptions, key: string): Promise<void> {
  const paths = pathsFor(options);
  const places = await removePassword(paths, key);
  say(places.length === 0 ? plain(`${key} had no password outside of config.yaml.`) : plain(`Took the password of ${key} out of ${places.map((place) => placeName(place, paths.secrets)).join(' and ')}.`));
}

/** `cockpit secret import`: moves the passwords of `config.yaml`. */
export async function importSecrets(options: GlobalOptions): Promise<void> {
  const paths = pathsFor(options);
  const moved = await importPasswords(paths);
  if (moved.length === 0) say('config.yaml holds no password.');
  for (const { account, place } of moved) say(`The password of ${account} is in ${placeName(place, paths.secrets)} now, and no longer in config.yaml.`);
}

function placeName(place: 'keyring' | 'secrets.yaml' | 'config.yaml', secretsFile: string): string {
  return place === 'keyring' ? 'the keyring' : place === 'secrets.yaml' ? secretsFile : 'config.yaml (`cockpit secret import` moves it)';
}
