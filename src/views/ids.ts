/** Ids that package.json repeats; a test compares the two. */
export const viewId = 'cockpit.fleet';
export const needsViewId = 'cockpit.needs';

/** Every command of the editor. */
export const commandIds = {
  start: 'cockpit.start',
  down: 'cockpit.down',
  nextHost: 'cockpit.nextHost',
  previousHost: 'cockpit.previousHost',
  nextSession: 'cockpit.nextSession',
  previousSession: 'cockpit.previousSession',
  toggleFocus: 'cockpit.toggleFocus',
  toggleWake: 'cockpit.toggleWake',
  nextAttention: 'cockpit.nextAttention',
  answer: 'cockpit.answer',
  goToSession: 'cockpit.goToSession',
  openSession: 'cockpit.openSession',
  openRow: 'cockpit.openRow',
  showPair: 'cockpit.showPair',
  peek: 'cockpit.peek',
  scrollback: 'cockpit.scrollback',
  explain: 'cockpit.explain',
  copyAttach: 'cockpit.copyAttach',
  newSession: 'cockpit.newSession',
  reconnect: 'cockpit.reconnect',
  connect: 'cockpit.connect',
  adopt: 'cockpit.adopt',
  releaseAdopted: 'cockpit.releaseAdopted',
  releaseClaim: 'cockpit.releaseClaim',
  takeOver: 'cockpit.takeOver',
  interruptAgent: 'cockpit.interruptAgent',
  killSession: 'cockpit.killSession',
  setup: 'cockpit.setup',
  logIn: 'cockpit.logIn',
  setPassword: 'cockpit.setPassword',
  doctor: 'cockpit.doctor',
  startDemo: 'cockpit.startDemo',
  cleanDemo: 'cockpit.cleanDemo',
  filter: 'cockpit.filter',
  sortByNeed: 'cockpit.sortByNeed',
  sortByHost: 'cockpit.sortByHost',
  showLog: 'cockpit.showLog',
  editConfig: 'cockpit.editConfig',
  repairKeys: 'cockpit.repairKeys',
} as const;
export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Commands of the function keys; they also have to skip the shell (`terminal.integrated.commandsToSkipShell`). */
export const keyCommands: readonly CommandId[] = [
  commandIds.nextHost,
  commandIds.previousHost,
  commandIds.nextSession,
  commandIds.previousSession,
  commandIds.toggleFocus,
  commandIds.toggleWake,
  commandIds.down,
];

/** Context keys for when clauses. */
export const contextKeys = {
  /** A cockpit terminal is the active one. */
  terminal: 'cockpit.terminal',
  /** `starting`, `running`, `noConfig`, `down`, `failed`. */
  phase: 'cockpit.phase',
  sortByNeed: 'cockpit.sortedByNeed',
} as const;
