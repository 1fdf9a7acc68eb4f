import { argumentWords, optionValues, steps } from './branches.ts';
import type { CommandModel, WordKind } from './commandModel.ts';
import { fishQuoted } from './quoted.ts';

/** The completion script for fish. */
export function fishScript(models: readonly CommandModel[]): string {
  return `# fish completion of cockpit: cockpit completion fish | source
function __cockpit_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -l where ''
    set -l option ''
    set -l args 0
    set -l global
    for word in $words[2..-1]
        if test -n "$option"
            test "$option" = --data-dir; and set -a global --data-dir $word
            set option ''
            continue
        end
        switch $word
            case --demo
                set -a global --demo
            case '--data-dir=*'
                set -a global $word
            case '-*'
                switch "$where:$word"
                    case ${optionValues(models).map(({ key }) => fishQuoted(key)).join(' ')}
                        set option $word
                end
            case '*'
                switch "$where:$word"
${steps(models).map(({ key, offer }) => `                    case ${fishQuoted(key)}\n                        set where ${fishQuoted(offer)}`).join('\n')}
                    case '*'
                        set args (math $args + 1)
                end
        end
    end
    if test -n "$option"
        switch "$where:$option"
${optionValues(models).map(({ key, offer }) => `            case ${fishQuoted(key)}\n                ${offering(offer)}`).join('\n')}
        end
        return
    end
    if string match -q -- '-*' (commandline -ct)
        switch "$where"
${models.map(({ path, options }) => `            case ${fishQuoted(path)}\n                ${options.flatMap(({ names, description }) => names.map((name) => described(name, description))).join('; ')}`).join('\n')}
        end
        return
    end
    switch "$where:$args"
${models.filter(({ subcommands }) => subcommands.length > 0).map(({ path, subcommands }) => `        case ${fishQuoted(`${path}:0`)}\n            ${subcommands.map(({ name, description }) => described(name, description)).join('; ')}`).join('\n')}
    end
    switch "$where:$args"
${argumentWords(models).map(({ key, offer }) => `        case ${fishQuoted(key)}\n            ${offering(offer)}`).join('\n')}
    end
end
complete -c cockpit -f -a '(__cockpit_complete)'
`;
}

function described(name: string, description: string): string {
  return `printf '%s\\t%s\\n' ${fishQuoted(name)} ${fishQuoted(description)}`;
}

function offering(words: WordKind): string {
  switch (words.kind) {
    case 'choices':
      return `printf '%s\\n' ${words.words.map(fishQuoted).join(' ')}`;
    case 'sessions':
      return '$program $global complete-sessions 2>/dev/null';
    case 'hosts':
      return '$program $global complete-sessions --hosts 2>/dev/null';
    case 'folders':
      return '__fish_complete_directories (commandline -ct)';
    case 'free':
      return 'true';
  }
}
