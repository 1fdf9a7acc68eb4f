import { clear, keyringProblem, lookUp, store } from './keyring.ts';
import { readSecrets, writeSecret } from './secretsFile.ts';

/** Where a password is kept (CONF-6). */
export type PasswordPlace = 'keyring' | 'secrets.yaml' | 'config.yaml';

/** An account as far as its password goes; `password` is what the person wrote into `config.yaml`. */
type Account = { key: string; password: string | null };

/** The passwords of the accounts of one data directory: in the keyring of the desktop where there is one, else in `secrets.yaml`. */
export class Passwords {
  readonly #paths: { dataDir: string; secrets: string };
  readonly #env: NodeJS.ProcessEnv;

  constructor(paths: { dataDir: string; secrets: string }, env: NodeJS.ProcessEnv) {
    this.#paths = paths;
    this.#env = env;
  }

  /** The password of an account and its place; null where it has none. */
  async find({ key, password }: Account): Promise<{ password: string; place: PasswordPlace } | null> {
    const answer = await lookUp(this.#name(key), this.#env);
    if (answer.kind === 'answered' && answer.value !== null) return { password: answer.value, place: 'keyring' };
    const inFile = readSecrets(this.#paths.secrets).get(key);
    if (inFile !== undefined) return { password: inFile, place: 'secrets.yaml' };
    return password === null ? null : { password, place: 'config.yaml' };
  }

  /** Keeps a password in one place and tells which. An older one elsewhere is taken out, because it would come back some day. */
  async save(key: string, password: string): Promise<PasswordPlace> {
    const answer = await store(this.#name(key), password, this.#env);
    const place = answer.kind === 'answered' ? 'keyring' : 'secrets.yaml';
    writeSecret(this.#paths.secrets, key, place === 'keyring' ? null : password);
    return place;
  }

  /** Takes the password out of keyring and `secrets.yaml`; tells where it was. */
  async remove(key: string): Promise<PasswordPlace[]> {
    const inKeyring = await lookUp(this.#name(key), this.#env);
    const places: PasswordPlace[] = [];
    if (inKeyring.kind === 'answered' && inKeyring.value !== null) {
      await clear(this.#name(key), this.#env);
      places.push('keyring');
    }
    if (readSecrets(this.#paths.secrets).has(key)) {
      writeSecret(this.#paths.secrets, key, null);
      places.push('secrets.yaml');
    }
    return places;
  }

  /** Why there is no keyring, or null where one answers. */
  keyringProblem(): Promise<string | null> {
    return keyringProblem(this.#env);
  }

  #name(account: string) {
    return { dataDir: this.#paths.dataDir, account };
  }
}
