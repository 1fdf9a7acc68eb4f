/** What the demo says where it found no usable Codex (DEMO-2). */
export const standInReason = 'No usable Codex was found, so the demo shows a stand-in: it is no agent and never types. For real agents: npm install -g @openai/codex, then `cockpit demo-clean` and `cockpit demo`.';

/**
 * The stand-in agent of the demo, a sh script in Codex's place. It tells its version as `codex --version` does, one that is too old for agents, and otherwise says what it is
 * (`$1` is the session that it stands beside).
 */
export const standInScript = `#!/bin/sh
if [ "$1" = --version ]; then echo 'codex-cli 0.0.0-stand-in'; exit 0; fi
trap : INT QUIT TSTP
say() { printf '\\n  STAND-IN beside %s\\n\\n%s\\n\\n' "$1" "$(printf '%s\\n' '${standInReason.replaceAll('`', '"')}' | fold -s -w 70 | sed 's/^/  /')"; }
say "$1"
while :; do
  printf 'stand-in> '
  read -r line || { sleep 1; continue; }
  [ -n "$line" ] && printf '  Nobody reads this: there is no Codex here.\\n'
done
`;
