/** tmux arguments for a configured socket: none for tmux's default, `-L` for a name, `-S` for a path. */
export function socketArgs(tmuxSocket: string | null): string[] {
  if (tmuxSocket === null) return [];
  return tmuxSocket.includes('/') ? ['-S', tmuxSocket] : ['-L', tmuxSocket];
}
