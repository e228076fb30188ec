#### what an alias stands for is resolved
shopt -s expand_aliases
alias a=gerp b='sort | gerp'
a x
b
## diagnostics:
MSH201 3:1-3:2 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 4:1-4:2 `gerp` is not in the catalog; help: did you mean `grep`?

#### only where aliases are expanded
alias gerp=grep
gerp x
## diagnostics:
MSH201 2:1-2:5 `gerp` is not in the catalog; help: did you mean `grep`?

#### a name that is ever an alias may be called
shopt -s expand_aliases
alias gerp=grep
unalias gerp
gerp x
## diagnostics:

#### where aliases are guessed a check finds nothing
shopt -s expand_aliases
[ -t 0 ] && alias gerp=grep
gerp x
nothing here
if
## diagnostics:

#### but before that it does
shopt -s expand_aliases
nothing here
alias "$x=$y"
gerp x
## diagnostics:
MSH201 2:1-2:8 `nothing` is not in the catalog; help: map it in `msh.toml` or with `--catalog FILE`: `[nothing]`, `run = { host = "nothing" }`

#### and a strict one says why
shopt -s expand_aliases
alias "$x=$y"
nothing here
## args: --strict
## diagnostics:
MSH208 2:1-2:14 which aliases there are after this is known only at run time; help: what follows is read and resolved again then; give the text of aliases in quotes, without a condition
MSH201 3:1-3:8 `nothing` is not in the catalog; help: map it in `msh.toml` or with `--catalog FILE`: `[nothing]`, `run = { host = "nothing" }`

#### a syntax error in an alias is shown at its name
shopt -s expand_aliases
alias e=';; oops'
e x
## diagnostics:
MSH101 3:1-3:2 `;;` closes nothing

#### aliases without end
shopt -s expand_aliases
alias a='b;b;b;b;b;b;b;b;b;b' b='c;c;c;c;c;c;c;c;c;c' c='d;d;d;d;d;d;d;d;d;d' d='e;e;e;e;e;e;e;e;e;e' e='a;:;:'
a
## diagnostics:
MSH116 3:1-3:2 aliases make more than 4 MiB or 10000 words of this command

#### the text of eval is read with them
shopt -s expand_aliases
alias g='grep -c' h='gerp'
eval 'g x'; eval 'h x'
sh -c 'g x'
## diagnostics:
MSH201 3:19-3:20 `gerp` is not in the catalog; help: did you mean `grep`?
