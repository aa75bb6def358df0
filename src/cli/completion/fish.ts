import { type LookupTable, specOf } from './lookup-table.js'

/** The script for fish. Only what is stored is asked for at the press of the key; the rest stands in it. */
export function fishScript({ words, values }: LookupTable): string {
  const cases = [
    ...words.map(
      ([key, list]) =>
        `        case ${quote(key)}\n            printf '%s\\t%s\\n' ${list.map(({ name, about }) => `${quote(name)} ${quote(about)}`).join(' ')}`,
    ),
    ...values.map(([key, each]) => `        case ${quote(key)}\n            echo ${quote(specOf(each))}`),
  ]
  return `# fish completion for restock. Load it in ~/.config/fish/config.fish: restock completion fish | source

function __restock_lookup
    switch $argv[1]
${cases.join('\n')}
    end
end

function __restock_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l command ''
    set -l expected ''
    set -l count 0
    for word in $words[2..-1]
        if test -n "$expected"
            set expected ''
        else if string match -q -- '--*=*' $word
            continue
        else if string match -q -- '-*' $word
            set expected (__restock_lookup "value|$command|$word")
        else if test $count -eq 0; and contains -- $word (__restock_lookup "commands|$command" | string split -f 1 \\t)
            set command (string trim "$command $word")
        else
            set count (math $count + 1)
        end
    end
    set -l spec "$expected"
    set -l before ''
    if test -z "$spec"
        if string match -q -- '--*=*' $current
            set -l parts (string split -m 1 = -- $current)
            set spec (__restock_lookup "value|$command|$parts[1]")
            set before "$parts[1]="
            set current $parts[2]
        else if string match -q -- '-*' $current
            __restock_lookup "options|$command"
            return
        else
            set -l commands (__restock_lookup "commands|$command")
            if test $count -eq 0; and test (builtin count $commands) -gt 0
                printf '%s\\n' $commands
                return
            end
            set spec (__restock_lookup "argument|$command|"(math $count + 1))
        end
    end
    set -l kind (string split -m 1 ' ' -- "$spec")
    switch "$kind[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
        case choices
            printf "$before%s\\n" (string split ' ' -- $kind[2])
        case stored
            for value in (restock __complete $kind[2] $words 2>/dev/null </dev/null)
                printf '%s%s\\n' $before $value
            end
    end
end

complete -c restock -f -a '(__restock_complete)'
`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
