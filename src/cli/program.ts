import { Argument, Command, CommanderError, Option } from 'commander';
import { version } from '../supervisor/protocol/version.ts';
import { controls, type Control } from '../supervisor/protocol/api.ts';
import type { CompletionShell } from './commands/completion.ts';
import type { HostSettings } from './commands/hosts.ts';
import type { GlobalOptions } from './context.ts';
import { reportError } from './io.ts';

const controlDescriptions: Record<Control, string> = {
  'next-host': 'select the next host (F1)',
  'previous-host': 'select the previous host (Shift-F1)',
  'next-session': 'select the next session of this host (F2)',
  'previous-session': 'select the previous session of this host (Shift-F2)',
  'toggle-focus': 'move the focus between the remote viewer and the agent (F3); remote focus claims the session',
  'toggle-wake': 'turn auto-wake on or off for this host (F5)',
  'next-attention': 'select the next session that needs a person',
};

const sessionHelp = `
A session is HOST/NAME (with or without cockpit-) or HOST/$ID, as \`cockpit status\` shows it.`;

/** Parses the arguments, runs the command and returns the exit code (0 done, 1 failed, 2 wrong use or configuration, 3 no supervisor). */
export async function runCli(argv: string[]): Promise<number> {
  try {
    const program = buildProgram();
    // Only without a word: with an action of its own, commander would take an unknown command for an argument and suggest nothing.
    if (buildProgram().parseOptions(argv).operands.length === 0) program.action(async () => (await import('./commands/start.ts')).start(options(program)));
    await program.parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(error);
  }
}

/** The whole command tree; each command's code is loaded when it runs. */
export function buildProgram(): Command {
  const program = new Command('cockpit');
  program
    .description('Watches the tmux sessions cockpit-* on your ssh hosts and pairs each with a local Codex agent. Without a command: setup if there is no configuration yet, then up.')
    .version(version)
    .option('--data-dir <dir>', 'data directory (default: $COCKPIT_DATA_DIR, else ~/.local/share/cockpit)')
    .option('--demo', 'work on the demo in the current folder')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 no supervisor where one is needed.');

  // Subcommands inherit exitOverride and the shape of the help.
  const command = (usage: string, description: string) => program.command(usage).description(description);
  const onSession = (usage: string, description: string) => command(usage, description).addHelpText('after', sessionHelp);
  const json = new Option('--json', 'print JSON');

  command('setup', 'choose hosts and accounts, adopt sessions').action(async () => (await import('./commands/setup.ts')).setup(options(program)));
  command('up', 'start the cockpit and show it in this terminal; if it runs, apply the configuration and repair')
    .option('--no-attach', 'start it and print the status instead of attaching')
    .action(async (own: { attach: boolean }) => (await import('./commands/up.ts')).up(options(program), own));
  command('down', "end cockpit's own tmux servers, agents, connections and the supervisor; remote sessions go on").action(async () => (await import('./commands/down.ts')).down(options(program)));
  command('status', 'hosts, sessions, owners and agents').addOption(json).action(async (own: { json?: boolean }) => (await import('./commands/status.ts')).status(options(program), own));
  command('doctor', 'check everything that cockpit needs and say how to mend it')
    .addOption(json)
    .action(async (own: { json?: boolean }) => (await import('./commands/doctor.ts')).doctor(options(program), own));

  const ctl = command('ctl', 'the keys of the cockpit as commands');
  for (const control of controls) {
    ctl.command(control).description(controlDescriptions[control]).action(async () => (await import('./commands/ctl.ts')).ctl(options(program), control));
  }

  onSession('open <session>', 'select a session (HOST/NAME, HOST/$ID or HOST) in the cockpit')
    .addOption(new Option('--focus <half>', 'which half gets the focus').choices(['remote', 'agent']))
    .action(async (session: string, own: { focus?: 'remote' | 'agent' }) => (await import('./commands/open.ts')).open(options(program), session, own.focus ?? null));
  onSession('attach <session>', 'attach this terminal to a remote session').action(async (session: string) => (await import('./commands/attach.ts')).attach(options(program), session));
  onSession('peek <session>', 'print the screen of a session; claims nothing').action(async (session: string) => (await import('./commands/peek.ts')).peek(options(program), session));
  onSession('scrollback <session>', 'the whole history of a session in a pager').action(async (session: string) => (await import('./commands/peek.ts')).scrollback(options(program), session));
  command('new <host>', 'make a new session on a host')
    .option('--name <name>', 'name behind cockpit- (letters, digits, dashes)')
    .option('--dir <dir>', 'folder on the host')
    .option('--prompt <prompt>', 'start codex there with this prompt')
    .action(async (host: string, own: { name?: string; dir?: string; prompt?: string }) => (await import('./commands/sessions.ts')).newSession(options(program), host, own));
  onSession('kill <session>', 'end a remote session')
    .option('--yes', 'do not ask')
    .action(async (session: string, own: { yes?: boolean }) => (await import('./commands/sessions.ts')).kill(options(program), session, own.yes ?? false));
  command('adopt <session>', 'list the tmux sessions of HOST, or take HOST/SESSION over by renaming it to cockpit-…')
    .addHelpText('after', '\nExamples:\n  cockpit adopt ai          lists them\n  cockpit adopt ai/work     asks, then renames work to cockpit-work; `cockpit release` undoes it')
    .option('--yes', 'do not ask')
    .addOption(json)
    .action(async (session: string, own: { yes?: boolean; json?: boolean }) => (await import('./commands/adopt.ts')).adopt(options(program), session, own));
  onSession('release <session>', 'give an adopted session back under its old name').action(async (session: string) => (await import('./commands/adopt.ts')).release(options(program), session));
  onSession('take-over <session>', 'supervise a session that another cockpit supervises').action(async (session: string) => (await import('./commands/adopt.ts')).takeOver(options(program), session));
  command('remote-auth <host>', 'whether cockpit may copy the login of an account to the Codex of a host; --undo gives the host its own back')
    .addArgument(new Argument('[answer]', 'kept as `remote_auth` in config.yaml; without one it is shown').choices(['allow', 'never', 'ask']))
    .option('--undo', 'put back what ~/.codex/auth.json of the host was before')
    .action(async (host: string, answer: 'allow' | 'never' | 'ask' | undefined, own: { undo?: boolean }) => (await import('./commands/remoteAuth.ts')).remoteAuth(options(program), host, answer ?? null, own));
  command('remote-login <host> <account>', 'log the Codex of a host in by a code, with the browser of this machine; nothing is copied there')
    .option('--headless', 'without a window; stops where a person is needed')
    .option('--by-hand', 'start no browser: print the address and the code, and wait until you have logged in there')
    .action(async (host: string, account: string, own: { headless?: boolean; byHand?: boolean }) => (await import('./commands/remoteLogin.ts')).remoteLogin(options(program), host, account, own));
  command('connect <host>', 'open the connection of a host in this terminal (one-time code, passphrase, host key)').action(async (host: string) =>
    (await import('./commands/connect.ts')).connectHost(options(program), host),
  );
  onSession('explain <session>', 'why a session has its state')
    .addOption(json)
    .action(async (session: string, own: { json?: boolean }) => (await import('./commands/explain.ts')).explain(options(program), session, own));

  command('attention', 'everything on all hosts that waits for you, the longest first')
    .addOption(json)
    .action(async (own: { json?: boolean }) => (await import('./commands/attention.ts')).attention(options(program), own));
  onSession('approve <session> [option]', 'answer what a session asks: shows it whole and lets you choose; if it asks something else by then, nothing is typed')
    .option('--seen <code>', 'the code of the approval that you read in `cockpit attention`; then nothing is asked')
    .action(async (session: string, option: string | undefined, own: { seen?: string }) => (await import('./commands/approve.ts')).approve(options(program), session, option, own));

  const audit = onSession('audit [session]', 'what was done to the remotes')
    .addOption(json)
    .option('--follow', 'go on with what comes')
    .option('--limit <n>', 'how many of the newest', '50')
    .action(async (session: string | undefined, own: { json?: boolean; follow?: boolean; limit: string }) => (await import('./commands/audit.ts')).audit(options(program), session ?? null, own));
  audit
    .command('verify')
    .description('check the hash chain; exit 1 at the first broken row')
    .action(async () => (await import('./commands/audit.ts')).verify(options(program)));

  const host = command('host', 'hosts of the configuration, without questions; `cockpit setup` asks');
  host.command('list').description('the hosts, and what your ssh configuration offers besides').addOption(json).action(async (own: { json?: boolean }) => (await import('./commands/hosts.ts')).listHosts(options(program), own));
  host
    .command('add <alias...>')
    .description('add hosts by what you type after ssh, or set what is given of those that are there')
    .option('--ssh-target <target>', 'what ssh is called with, if it is not the alias')
    .option('--wake', 'nudge its idle agents')
    .option('--no-wake', 'do not nudge its agents')
    .addOption(new Option('--approvals <how>', 'how an agent launches codex there again').choices(['bypass', 'ask']))
    .addOption(new Option('--remote-auth <how>', 'whether a login of yours may be copied there').choices(['ask', 'allow', 'never']))
    .action(async (aliases: string[], own: HostSettings) => (await import('./commands/hosts.ts')).addHosts(options(program), aliases, own));
  host.command('remove <host...>').description('leave hosts alone from now on').action(async (aliases: string[]) => (await import('./commands/hosts.ts')).removeHosts(options(program), aliases));

  const account = command('account', 'accounts of the configuration, without questions; `cockpit setup` asks');
  account.command('list').description('the accounts in their order').addOption(json).action(async (own: { json?: boolean }) => (await import('./commands/accounts.ts')).listAccounts(options(program), own));
  account
    .command('add <name> <email>')
    .description('add an account at the end of the order, or change its address')
    .action(async (name: string, email: string) => (await import('./commands/accounts.ts')).addAccount(options(program), name, email));
  account.command('remove <name>').description('remove an account and its password').action(async (name: string) => (await import('./commands/accounts.ts')).removeAccount(options(program), name));

  command('login-accounts [accounts...]', 'log accounts in with a browser; without a name those that are not logged in')
    .option('--headless', 'without a window; stops where a person is needed')
    .option('--device', 'by a code that is entered into a page, instead of a page that comes back to this machine')
    .option('--by-hand', 'start no browser: print the address and wait until you have logged in there')
    .option('--passwords-stdin', 'passwords come through stdin as JSON, {"ACCOUNT": "PASSWORD"}, and count before those that are kept')
    .addHelpText('after', '\nThe password comes from `cockpit secret`; without one you type it into the browser. Nothing is guessed: at a page that is not known it stops and keeps a picture.')
    .action(async (accounts: string[], own: { headless?: boolean; device?: boolean; byHand?: boolean; passwordsStdin?: boolean }) => (await import('./commands/loginAccounts.ts')).loginAccounts(options(program), accounts, own));
  const secret = command('secret', 'passwords of accounts: in the keyring of the desktop, else in secrets.yaml');
  secret
    .command('set <account>')
    .description('keep the password of an account; it is typed unseen, or comes through stdin')
    .action(async (account: string) => (await import('./commands/secret.ts')).setSecret(options(program), account));
  secret
    .command('list')
    .description('which accounts have a password, and where')
    .addOption(json)
    .action(async (own: { json?: boolean }) => (await import('./commands/secret.ts')).listSecrets(options(program), own));
  secret
    .command('remove <account>')
    .description('forget the password of an account')
    .action(async (account: string) => (await import('./commands/secret.ts')).removeSecret(options(program), account));
  secret
    .command('import')
    .description('move the passwords that stand in config.yaml')
    .action(async () => (await import('./commands/secret.ts')).importSecrets(options(program)));

  onSession('grant <session>', 'a token for the HTTP MCP endpoint of one session')
    .addOption(json)
    .option('--hours <n>', 'how long it is good for', '24')
    .action(async (session: string, own: { json?: boolean; hours: string }) => (await import('./commands/grant.ts')).grant(options(program), session, own));
  onSession('mcp', 'serve the tools of one session on stdio')
    .requiredOption('--session <session>', 'HOST/NAME or HOST/$ID')
    .action(async (own: { session: string }) => (await import('./commands/mcp.ts')).mcp(options(program), own.session));
  command('demo', 'three local fake hosts with changing sessions and paired agents; needs no account and no network')
    .option('--no-attach', 'print the status and leave it running')
    .action(async (own: { attach: boolean }) => (await import('./commands/demo.ts')).demo(own));
  command('demo-clean', 'remove everything of the demo').action(async () => (await import('./commands/demo.ts')).demoClean());
  command('completion', 'print a completion script for bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish'] satisfies CompletionShell[]))
    .addHelpText('after', '\nTo turn it on, add to your shell\'s start-up file:\n  bash  eval "$(cockpit completion bash)"\n  zsh   eval "$(cockpit completion zsh)"    (after compinit)\n  fish  cockpit completion fish | source')
    .action(async (shell: CompletionShell) => { (await import('./commands/completion.ts')).completion(buildProgram(), shell); });
  program
    .command('complete-sessions', { hidden: true })
    .option('--hosts', 'hosts instead')
    .action(async (own: { hosts?: boolean }) => (await import('./commands/completion.ts')).completeSessions(options(program), own));
  program
    .command('demo-run <root>', { hidden: true })
    .option('--codex-path <path>', 'the codex binary; without it a stand-in')
    .action(async (root: string, own: { codexPath?: string }) => (await import('./commands/demo.ts')).demoRun(root, own.codexPath ?? null));
  program
    .command('supervise', { hidden: true })
    .option('--standby', 'wait until no other supervisor owns the data directory')
    .action(async (own: { standby?: boolean }) => (await import('./supervise.ts')).supervise(options(program), own));
  return program;
}

function options(program: Command): GlobalOptions {
  return program.opts<GlobalOptions>();
}
