import { z } from 'zod';
import { HumanError } from '../base/errors.ts';

/** Who owns the supervisor process. */
export const supervisorOwners = ['cli', 'vscode', 'standby'] as const;
export type SupervisorOwner = (typeof supervisorOwners)[number];

/** The first request of a connection. Its shape never changes, because it is what two versions speak before they know of each other. */
export const helloMethods = {
  hello: {
    params: z.object({ protocolVersion: z.number().int(), client: z.string().max(100) }),
    result: z.object({ protocolVersion: z.number().int(), pid: z.number().int(), owner: z.string() }),
  },
} as const;

/** What a client knows of the supervisor it is connected to. */
export type HelloResult = z.output<typeof helloMethods.hello.result>;

/** Throws HumanError 'protocol-mismatch' that says which side to update. */
export function checkVersions(own: number, supervisor: HelloResult): void {
  if (own === supervisor.protocolVersion) return;
  const both = `The running supervisor (pid ${supervisor.pid}, started by ${supervisor.owner}) speaks protocol ${supervisor.protocolVersion}, this cockpit speaks ${own}.`;
  throw new HumanError('protocol-mismatch', `${both} ${own < supervisor.protocolVersion ? 'Update this cockpit.' : restart(supervisor)}`);
}

function restart({ owner, pid }: HelloResult): string {
  if (owner === 'vscode') return 'Update the supervisor: update the Cockpit extension, then run "Developer: Reload Window" in VS Code.';
  return `Update the supervisor: end it with \`kill ${pid}\` and run \`cockpit up\`; sessions and agents go on meanwhile.`;
}
