import { HumanError } from '../../supervisor/base/errors.ts';
import { applyConfig } from '../applyConfig.ts';
import { readConfig } from '../configEdit.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';
import { readSshAliases } from '../sshAliases.ts';

/** What a person may set at `host add`; what is not given keeps its value or default. */
export type HostSettings = { sshTarget?: string; wake?: boolean; approvals?: 'bypass' | 'ask'; remoteAuth?: 'ask' | 'allow' | 'never' };

/** `cockpit host list`: the hosts of the configuration, and what the person's ssh configuration offers besides (CONF-4). */
export async function listHosts(options: GlobalOptions, own: { json?: boolean }): Promise<void> {
  const hosts = (await readConfig(pathsFor(options)))?.hosts ?? [];
  const sshConfigFile = process.env['COCKPIT_SSH_CONFIG'];
  const known = new Set(hosts.map(({ alias }) => alias));
  const sshAliases = (await readSshAliases(sshConfigFile ? { userFile: sshConfigFile, systemFile: null } : {})).filter((alias) => !known.has(alias));
  if (own.json) {
    sayJson({ hosts: hosts.map(({ alias, sshTarget, wake, approvals, remoteAuth }) => ({ alias, sshTarget, wake, approvals, remoteAuth })), sshAliases });
    return;
  }
  for (const host of hosts) say(plain(`${host.alias}${host.sshTarget === host.alias ? '' : ` (ssh ${host.sshTarget})`}  ${host.wake ? 'wake' : 'no wake'}, approvals ${host.approvals}, remote auth ${host.remoteAuth}`));
  if (hosts.length === 0) say('No hosts; `cockpit host add ALIAS` adds one.');
  if (sshAliases.length > 0) say(plain(`Not added, from your ssh configuration: ${sshAliases.join(', ')}`));
}

/** `cockpit host add ALIAS…`: adds hosts, or sets what is given of those that are there. */
export async function addHosts(options: GlobalOptions, aliases: string[], { sshTarget, wake, approvals, remoteAuth }: HostSettings): Promise<void> {
  if (sshTarget !== undefined && aliases.length > 1) throw new HumanError('one-target', '--ssh-target is for one host.', { exitCode: 2 });
  const settings = {
    ...(sshTarget === undefined ? {} : { ssh_target: sshTarget }),
    ...(wake === undefined ? {} : { wake }),
    ...(approvals === undefined ? {} : { approvals }),
    ...(remoteAuth === undefined ? {} : { remote_auth: remoteAuth }),
  };
  await applyConfig(options, aliases.map((alias) => ({ kind: 'host', host: { alias, ...settings } })));
  say(plain(`In the configuration: ${aliases.join(', ')}`));
}

/** `cockpit host remove ALIAS…`: cockpit leaves the hosts alone from now on; what runs there goes on. */
export async function removeHosts(options: GlobalOptions, aliases: string[]): Promise<void> {
  requireKnown('host', aliases, ((await readConfig(pathsFor(options)))?.hosts ?? []).map(({ alias }) => alias));
  await applyConfig(options, aliases.map((alias) => ({ kind: 'remove-host', alias })));
  say(plain(`Removed ${aliases.join(', ')}`));
}

/** HumanError (exit code 2) that names what there is instead. */
export function requireKnown(what: 'host' | 'account', wanted: readonly string[], known: readonly string[]): void {
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new HumanError(`no-${what}`, `No ${what} ${unknown} in the configuration: there ${known.length === 0 ? 'is none' : `are ${known.join(', ')}`}.`, { exitCode: 2 });
}
