import { ConnectError } from './shell.ts';

type Rule = { pattern: RegExp; make: (name: string, match: RegExpExecArray) => ConnectError };

/** ssh's messages (LC_ALL=C), the most telling first. */
const rules: Rule[] = [
  rule(/REMOTE HOST IDENTIFICATION HAS CHANGED/, 'host-key', (name) => changedHostKey(name)),
  rule(/REVOKED HOST KEY|host key .* revoked/i, 'host-key', (name) => `${name}: its host key is marked as revoked in known_hosts; do not connect before its administrator explained that`),
  rule(/Host key verification failed|host key is known for/, 'host-key', (name) => unknownHostKey(name)),
  rule(/Could not resolve hostname (\S+): (?:Name or service not known|No address associated|nodename nor servname)/, 'unknown-alias', (name, host) => `${name}: there is no host "${host}"; check ssh_target in config.yaml and the Host entries of ~/.ssh/config`),
  rule(/Could not resolve hostname (\S+): (.*)/, 'unreachable', (name, host, why) => `${name}: the name "${host}" cannot be looked up (${why}); check the network`),
  rule(/Too many authentication failures/, 'auth', (name) => `${name}: too many keys were offered; set IdentityFile and "IdentitiesOnly yes" for it in ~/.ssh/config`),
  rule(/agent refused operation|device not found|incorrect passphrase|[Cc]onfirm user presence/, 'needs-login', (name) => needsLoginMessage(name, 'its key needs you')),
  rule(/Permission denied \(([^)]*)\)/, 'auth', (name, methods) => `${name}: permission denied (${methods}); add your public key there, or name the right User and IdentityFile in ~/.ssh/config`),
  rule(/Connection refused/, 'unreachable', (name) => `${name}: the connection was refused; is sshd running there, on the port that your ssh configuration names?`),
  rule(/timed out/i, 'unreachable', (name) => `${name}: no answer; is the machine up, and the VPN on?`),
  rule(/No route to host|Network is unreachable|Host is down/, 'unreachable', (name) => `${name}: there is no route to it; check the network or the VPN`),
  rule(/Bad configuration option|terminating, \d+ bad configuration|[Bb]ad owner or permissions/, 'failed', (name, ...rest) => `${name}: ssh refuses its configuration: ${rest[0] ?? ''}`),
  rule(/Connection (?:closed|reset)|Broken pipe|kex_exchange_identification/, 'unreachable', (name) => `${name}: the connection was closed before the login; is it sshd that answers there (or a ProxyJump that fails)?`),
];

/** Why `ssh` failed, from what it printed. `encryptedKey` is a configured key file that has a passphrase, if there is one. */
export function classifySshFailure(name: string, stderr: string, encryptedKey: string | null): ConnectError {
  for (const { pattern, make } of rules) {
    const match = pattern.exec(stderr);
    if (!match) continue;
    const error = make(name, match);
    return error.kind === 'auth' ? refineAuth(name, error, match, encryptedKey) : error;
  }
  return new ConnectError('failed', `${name}: ssh failed: ${lastLine(stderr) || 'it printed no reason'}`);
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.split(/[\r\n]+/).filter((line) => line.trim() !== '').at(-1)?.trim() ?? '';
}

/** Words for a person who has to act in a terminal. */
export function needsLoginMessage(name: string, why: string): string {
  return `${name}: ${why}; use Connect… to log in once in a terminal`;
}

export function unknownHostKey(name: string): string {
  return `${name}: its host key is not known yet; compare its fingerprint and accept it once with Connect… (or ssh in a terminal)`;
}

export function changedHostKey(name: string): string {
  return `${name}: its host key has CHANGED, which can be an attack; find out why, and only then remove the old key (ssh-keygen -R)`;
}

/** A refusal that a person can answer in a terminal is not a wrong key. */
function refineAuth(name: string, error: ConnectError, match: RegExpExecArray, encryptedKey: string | null): ConnectError {
  const methods = match[1] ?? '';
  if (/keyboard-interactive|password/.test(methods)) return new ConnectError('needs-login', needsLoginMessage(name, `it asks for a password or a one-time code (${methods})`));
  if (encryptedKey !== null) return new ConnectError('needs-login', needsLoginMessage(name, `the key ${encryptedKey} needs its passphrase (or load it with ssh-add)`));
  return error;
}

function rule(pattern: RegExp, kind: ConnectError['kind'], message: (name: string, ...groups: string[]) => string): Rule {
  return { pattern, make: (name, match) => new ConnectError(kind, message(name, ...match.slice(1).map((group) => group.trim()))) };
}
