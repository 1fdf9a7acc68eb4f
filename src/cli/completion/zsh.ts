import { argumentWords, optionValues, steps } from './branches.ts';
import type { CommandModel, WordKind } from './commandModel.ts';
import { singleQuoted } from './quoted.ts';

/** The completion script for zsh; works by \`eval\` and as a file \`_cockpit\` of $fpath. */
export function zshScript(models: readonly CommandModel[]): string {
  return `#compdef cockpit
# zsh completion of cockpit: eval "$(cockpit completion zsh)"
_cockpit() {
  local where='' option='' word
  local -i args=0 i
  local -a global offers
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $option ]]; then
      [[ $option == --data-dir ]] && global+=(--data-dir "\${word/#\\~\\//$HOME/}")
      option=''
      continue
    fi
    case $word in
      (--demo) global+=(--demo) ;;
      (--data-dir=*) global+=("$word") ;;
      (-*)
        case "$where:$word" in
          (${optionValues(models).map(({ key }) => singleQuoted(key)).join(' | ')}) option=$word ;;
        esac
        ;;
      (*)
        case "$where:$word" in
${steps(models).map(({ key, offer }) => `          (${singleQuoted(key)}) where=${singleQuoted(offer)} ;;`).join('\n')}
          (*) args+=1 ;;
        esac
        ;;
    esac
  done
  if [[ -n $option ]]; then
    case "$where:$option" in
${optionValues(models).map(({ key, offer }) => `      (${singleQuoted(key)}) ${offering(offer)} ;;`).join('\n')}
    esac
    return
  fi
  if [[ $words[CURRENT] == -* ]]; then
    case $where in
${models.map(({ path, options }) => `      (${singleQuoted(path)}) offers=(${options.flatMap(({ names, description }) => names.map((name) => described(name, description))).join(' ')}) ;;`).join('\n')}
    esac
    _describe -o option offers
    return
  fi
  case "$where:$args" in
${models.filter(({ subcommands }) => subcommands.length > 0).map(({ path, subcommands }) => `    (${singleQuoted(`${path}:0`)}) offers=(${subcommands.map(({ name, description }) => described(name, description)).join(' ')}); _describe command offers ;;`).join('\n')}
  esac
  case "$where:$args" in
${argumentWords(models).map(({ key, offer }) => `    (${singleQuoted(key)}) ${offering(offer)} ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _cockpit ]]; then _cockpit "$@"; else compdef _cockpit cockpit; fi
`;
}

function described(name: string, description: string): string {
  return singleQuoted(`${name.replaceAll(':', '\\:')}:${description}`);
}

function offering(words: WordKind): string {
  switch (words.kind) {
    case 'choices':
      return `compadd -- ${words.words.map(singleQuoted).join(' ')}`;
    case 'sessions':
      return 'compadd -- ${(f)"$($words[1] $global complete-sessions 2>/dev/null)"}';
    case 'hosts':
      return 'compadd -- ${(f)"$($words[1] $global complete-sessions --hosts 2>/dev/null)"}';
    case 'folders':
      return '_files -/';
    case 'free':
      return ':';
  }
}
