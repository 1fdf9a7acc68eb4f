/** Whether a window may start the supervisor before it was asked: not in a Remote-SSH window, where it would live on that machine, with the ssh configuration there (VSC-7). */
export function startsUnasked(remoteName: string | undefined): boolean {
  return remoteName !== 'ssh-remote';
}
