import type { SessionId } from '../../domain/ids.ts';
import type { Owner } from '../../domain/ownership.ts';
import { activePaneArgument, checkNumber, checkSessionId, checkWord, formatArgument } from './argument.ts';
import { linesOf, TmuxError, type TmuxCommand } from './command.ts';
import { fieldReader } from './fields.ts';
import { markOf, markVariables, type MarkReply } from './mark.ts';

/** Takes the session for the operator of this cockpit, whoever held it; moves the epoch on. `name` is shown to other cockpits. */
export function claimCommand(id: SessionId, install: string, name: string): TmuxCommand<MarkReply> {
  return ending(id, own(id, 'human', install, name));
}

/** Gives the session to this cockpit's agent if its human holds it; otherwise changes nothing, which the reply shows. */
export function releaseCommand(id: SessionId, install: string, name: string): TmuxCommand<MarkReply> {
  return ending(id, [`if-shell -F -t ${activePaneArgument(id)} ${ownerIs(id, `human:${checkWord('install', install)}`)} { ${own(id, 'agent', install, name).join(' ; ')} }`]);
}

/** Gives a session without owner to this cockpit's agent, at an epoch above `minEpoch`; an owned one stays as it is, which the reply shows. */
export function adoptCommand(id: SessionId, install: string, name: string, minEpoch: number): TmuxCommand<MarkReply> {
  const floor = checkNumber('epoch', minEpoch);
  const raise = `if-shell -F -t ${activePaneArgument(id)} '#{e|<|:#{@cockpit_epoch},${floor}}' { set-option -t '${checkSessionId(id)}' @cockpit_epoch ${floor} }`;
  return ending(id, [`if-shell -F -t ${activePaneArgument(id)} ${ownerIs(id, '')} { ${[raise, ...own(id, 'agent', install, name)].join(' ; ')} }`]);
}

/** Gives the session to this cockpit's agent, whoever held it (a person asked for it); moves the epoch on. */
export function takeOverCommand(id: SessionId, install: string, name: string): TmuxCommand<MarkReply> {
  return ending(id, own(id, 'agent', install, name));
}

/** The owner as it stands, without any change. */
export function readMarkCommand(id: SessionId): TmuxCommand<MarkReply> {
  return ending(id, []);
}

function own(id: SessionId, role: Owner, install: string, name: string): string[] {
  const set = `-t '${checkSessionId(id)}'`;
  return [
    `set-option ${set} @cockpit_owner ${role}:${checkWord('install', install)}`,
    `set-option ${set} -F @cockpit_epoch '#{e|+|:#{@cockpit_epoch},1}'`,
    `set-option ${set} @cockpit_supervisor '${checkWord('name', name)}'`,
  ];
}

/** The id is compared too: for a session that is gone tmux evaluates the condition on the session of the asking client. */
function ownerIs(id: SessionId, owner: string): string {
  return `'#{==:#{session_id} #{@cockpit_owner},${id} ${owner}}'`;
}

function ending(id: SessionId, commands: string[]): TmuxCommand<MarkReply> {
  const fields = fieldReader(['session_id', ...markVariables]);
  return {
    line: [...commands, `display-message -p -t ${activePaneArgument(id)} ${formatArgument(fields.format)}`].join(' ; '),
    composite: true,
    parse(blocks) {
      const [values] = fields.parse(linesOf(blocks).join('\n'));
      if (values?.session_id !== id) throw new TmuxError('no-session', `no such session: ${id}`);
      return markOf(values);
    },
  };
}
