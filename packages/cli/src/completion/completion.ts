import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command with what may follow it. */
interface Entry {
  /** Words from the program's name on: `["wallet", "send"]`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly { readonly flag: string; readonly summary: string }[];
}

/** What a shell has to be told to complete `shoal`'s commands and options; files where neither fits. */
export function completionScript(program: Command, shell: Shell): string {
  const entries = listEntries(program, []);
  if (shell === "fish") return fishScript(entries);
  return shell === "zsh" ? zshScript(entries) : bashScript(entries);
}

function listEntries(command: Command, path: readonly string[]): Entry[] {
  const commands = command.commands.map((each) => ({ name: each.name(), summary: each.summary() }));
  const options = command.options.flatMap((option: Option) =>
    option.long === undefined || option.long === null
      ? []
      : [{ flag: option.long, summary: option.description }],
  );
  return [
    { path, summary: command.summary(), commands, options },
    ...command.commands.flatMap((each) => listEntries(each, [...path, each.name()])),
  ];
}

/** The words so far choose the list: the longest command that they begin with has it. */
function bashScript(entries: readonly Entry[]): string {
  const cases = entries.map(({ path, commands, options }) => {
    const words = [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)];
    return `    "${path.join(" ")}") words="${words.join(" ")}" ;;`;
  });
  return `# bash completion of shoal: source <(shoal completion bash)
_shoal() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" word next each
  local known=(${knownPaths(entries)})
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    for each in "\${known[@]}"; do
      if [[ "$each" == "$next" ]]; then path="$next"; fi
    done
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ \${#COMPREPLY[@]} -eq 0 && "$current" != -* ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _shoal shoal
`;
}

/** Every command with those that it is below, as words of a shell's list. */
function knownPaths(entries: readonly Entry[]): string {
  return entries
    .flatMap(({ path }) => (path.length === 0 ? [] : [`"${path.join(" ")}"`]))
    .join(" ");
}

function zshScript(entries: readonly Entry[]): string {
  const cases = entries.map(({ path, commands, options }) => {
    const lines = [
      ...commands.map(({ name, summary }) => `'${name}:${quoted(summary)}'`),
      ...options.map(({ flag, summary }) => `'${flag}:${quoted(summary)}'`),
    ];
    return `    "${path.join(" ")}") list=(${lines.join(" ")}) ;;`;
  });
  return `#compdef shoal
# zsh completion of shoal: source <(shoal completion zsh)
_shoal() {
  local -a list known
  local path_so_far="" word next
  known=(${knownPaths(entries)})
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${path_so_far:+$path_so_far }$word"
    (( \${known[(Ie)$next]} )) && path_so_far="$next"
  done
  case "$path_so_far" in
${cases.join("\n")}
  esac
  _describe 'shoal' list || _files
}
compdef _shoal shoal
`;
}

function fishScript(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, commands, options }) => {
    const names = commands.map(({ name }) => name).join(" ");
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const here = path.length === 0 ? "__fish_use_subcommand" : seen.join("; and ");
    const unless = names === "" ? "" : `; and not __fish_seen_subcommand_from ${names}`;
    const condition = path.length === 0 ? here : `${here}${unless}`;
    return [
      ...commands.map(
        ({ name, summary }) =>
          `complete -c shoal -n '${condition}' -f -a ${name} -d '${quoted(summary)}'`,
      ),
      ...options.map(
        ({ flag, summary }) =>
          `complete -c shoal -n '${path.length === 0 ? here : seen.join("; and ")}' -l ${flag.slice(2)} -d '${quoted(summary)}'`,
      ),
    ];
  });
  return `# fish completion of shoal: shoal completion fish | source\n${lines.join("\n")}\n`;
}

/** Within single quotes of a shell; a colon would end a name in zsh. */
function quoted(text: string): string {
  return text.replaceAll("'", "").replaceAll(":", " ").replaceAll("\\", "");
}
