import type { RemoteAuth } from '../accounts/remoteAuth.ts';
import type { RemoteLogins } from '../accounts/remoteLogins.ts';
import type { Store } from '../adapters/store/store.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { FleetFeed } from '../fleetFeed.ts';
import type { HostSet } from '../hosts/hostSet.ts';
import type { AgentSet } from '../agents/agentSet.ts';
import type { SessionPort } from '../protocol/sessionTools.ts';
import type { Markers } from '../domain/markers.ts';
import type { SessionRef } from '../domain/ids.ts';
import type { StatusView } from '../protocol/statusView.ts';
import type { Supervisor } from '../supervisor.ts';

/** What the methods of the client interface work with. */
export type MethodContext = {
  supervisor: Supervisor;
  hosts: HostSet;
  agents: AgentSet;
  remoteAuth: RemoteAuth;
  remoteLogins: RemoteLogins;
  store: Store;
  clock: Clock;
  logger: Logger;
  install: string;
  supervisorName: string;
  mcpUrl(): string;
  /** The signs that screens are read by. */
  markers(): Markers;
  createPort(ref: SessionRef, actor: string): SessionPort;
  status(): StatusView;
  feed: FleetFeed;
  /** Reads the configuration again and applies it; returns what changed, one line each. */
  reload(sshAuthSock: string | null): Promise<string[]>;
  /** Makes sure that the terminal cockpit stands; argv that attaches to it. */
  openTerminalUi(): Promise<string[]>;
  /** Makes sure that viewers stand for an editor window; argv of its two terminals. */
  openEditorPair(): Promise<{ viewer: string[]; agent: string[] }>;
  /** A standby lets go of the data directory, for the window that asks; false for any other owner. */
  giveWay(): boolean;
  /** Ends everything of cockpit on this machine, after the answer went out. */
  down(): void;
};
