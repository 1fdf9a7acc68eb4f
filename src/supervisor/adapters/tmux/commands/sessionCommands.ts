import { isSessionId, type SessionId } from '../../../domain/ids.ts';
import { checkSessionId, textArgument } from '../argument.ts';
import { linesOf, plainCommand, TmuxError, type TmuxCommand } from '../command.ts';

/** Makes a detached session of ours; `name` is `cockpit-` and 1 to 40 of a-z A-Z 0-9 - _, `dir` its working directory. */
export function newSession({ name, dir }: { name: string; dir?: string }): TmuxCommand<SessionId> {
  if (!/^cockpit-[A-Za-z0-9_-]{1,40}$/.test(name)) throw new TmuxError('bad-command', `not a name for a session of cockpit: ${JSON.stringify(name)}`);
  const make = (flags: string) => `new-session -d -P -F '#{session_id}' -s ${name}${flags}`;
  return {
    // tmux expands the directory as a format, so it comes in by an option, whose value is not expanded again.
    line: dir === undefined ? make('') : `set-option -s @cockpit_dir ${textArgument(dir)} ; if-shell -F 1 { ${make(" -c '#{@cockpit_dir}'")} } ; set-option -su @cockpit_dir`,
    composite: true,
    parse(blocks) {
      const id = linesOf(blocks)[0] ?? '';
      if (!isSessionId(id)) throw new TmuxError('failed', `tmux made ${JSON.stringify(id)}, which is no session id`);
      return id;
    },
  };
}

/** Renames a session; any text, although tmux puts `_` for `:` and `.`. The name goes through an option because tmux expands names as formats. */
export function renameSession(id: SessionId, name: string): TmuxCommand<void> {
  const session = `-t '${checkSessionId(id)}'`;
  return {
    line: `set-option ${session} @cockpit_name ${textArgument(name)} ; if-shell -F 1 { rename-session ${session} '#{@cockpit_name}' } ; set-option -u ${session} @cockpit_name`,
    composite: true,
    parse: (blocks) => void linesOf(blocks),
  };
}

/** Ends a session and what runs in it. */
export function killSession(id: SessionId): TmuxCommand<void> {
  return plainCommand(`kill-session -t '${checkSessionId(id)}'`);
}

/** Sets a user option (`@name`) of a session to a text, or removes it (null). */
export function setSessionOption(id: SessionId, name: `@${string}`, value: string | null): TmuxCommand<void> {
  if (!/^@[a-z0-9_]{1,64}$/.test(name)) throw new TmuxError('bad-command', `not a user option: ${JSON.stringify(name)}`);
  return plainCommand(`set-option ${value === null ? '-u ' : ''}-t '${checkSessionId(id)}' ${name}${value === null ? '' : ` ${textArgument(value)}`}`);
}
