import type { Config, ConfigChange } from '../configEdit.ts';

/** What setup has so far: the lists as they would be, and the changes that make them out of the file. Nothing of it is written yet. */
export type Draft = {
  readonly hosts: readonly { alias: string; sshTarget: string }[];
  readonly accounts: readonly { key: string; email: string }[];
  /** Passwords that the person gave; they go to the keyring or `secrets.yaml`, never into the file. */
  readonly passwords: ReadonlyMap<string, string>;
  readonly changes: readonly ConfigChange[];
};

/** A draft without changes; null where there is no configuration yet. */
export function draftOf(config: Config | null): Draft {
  return {
    hosts: (config?.hosts ?? []).map(({ alias, sshTarget }) => ({ alias, sshTarget })),
    accounts: (config?.accounts ?? []).map(({ key, email }) => ({ key, email })),
    passwords: new Map(),
    changes: [],
  };
}

/** The draft with a host added, or with another ssh target for the one of this alias. */
export function withHost(draft: Draft, alias: string, sshTarget: string): Draft {
  const old = draft.hosts.find((host) => host.alias === alias);
  if (old?.sshTarget === sshTarget) return draft;
  const hosts = old ? draft.hosts.map((host) => (host === old ? { alias, sshTarget } : host)) : [...draft.hosts, { alias, sshTarget }];
  // A new host whose target is its alias needs no more than the alias in the file.
  const host = old === undefined && sshTarget === alias ? { alias } : { alias, ssh_target: sshTarget };
  return { ...draft, hosts, changes: [...draft.changes, { kind: 'host', host }] };
}

/** The draft with this host taken out. */
export function withoutHost(draft: Draft, alias: string): Draft {
  return { ...draft, hosts: draft.hosts.filter((host) => host.alias !== alias), changes: [...draft.changes, { kind: 'remove-host', alias }] };
}

/** The draft with an account added at the end of the order, or with another address for the one of this key. */
export function withAccount(draft: Draft, key: string, email: string): Draft {
  const old = draft.accounts.find((account) => account.key === key);
  if (old?.email === email) return draft;
  const accounts = old ? draft.accounts.map((account) => (account === old ? { key, email } : account)) : [...draft.accounts, { key, email }];
  return { ...draft, accounts, changes: [...draft.changes, { kind: 'account', account: { key, email } }] };
}

/** The draft with this account taken out. */
export function withoutAccount(draft: Draft, key: string): Draft {
  const passwords = new Map([...draft.passwords].filter(([owner]) => owner !== key));
  return { ...draft, passwords, accounts: draft.accounts.filter((account) => account.key !== key), changes: [...draft.changes, { kind: 'remove-account', key }] };
}

/** The draft with the password of an account; an empty one changes nothing. */
export function withPassword(draft: Draft, key: string, password: string): Draft {
  return password === '' ? draft : { ...draft, passwords: new Map([...draft.passwords, [key, password]]) };
}
