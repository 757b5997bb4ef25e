/**
 * A zsh script that types a line and Tab into an interactive zsh in a pseudo-terminal and prints what that shows.
 * It types only once the prompt is there: until then the terminal edits lines itself, and what clears the line clears the Tab too.
 * @param completion path of kt's completion script for zsh
 */
export const typedInZsh = (completion: string, line: string): string =>
  `zmodload zsh/zpty
   zpty shell zsh -f -i
   send() { zpty -w shell "$1" }
   send "PS1='<ready>'; autoload -Uz compinit; compinit -D; source '${completion}'; setopt no_list_beep; LISTMAX=999; stty columns 200"
   send "comp_list() { compstate[list]='list force'; compstate[insert]='' }; zle -C list-choices list-choices _main_complete; comppostfuncs=(comp_list)"
   send "echo set-up-$((1+1))"
   zpty -r shell text '*set-up-2*<ready>*'
   zpty -w -n shell '${line}'$'\\t'
   zpty -w -n shell $'\\C-u'"echo all-$((1+2))"$'\\n'
   zpty -r shell text '*all-3*'
   print -r -- "$text"`
