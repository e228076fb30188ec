#### names and texts known only at run time pass a check
$cmd x; eval "$text"; sh -c "$text"; . ./lib.sh; ./made x
## diagnostics:

#### a name may be a function of a text that is known only at run time
. ./lib.sh; log "done"; f() { eval "$1"; helper; }; f x
## diagnostics:

#### but not what another program runs, nor beside a text that is known
. ./lib.sh; env hidden; command hidden
## diagnostics:
MSH201 1:17-1:23 `hidden`, which `env` runs, is not in the catalog; help: map it in `msh.toml` or with `--catalog FILE`: `[hidden]`, `run = { host = "hidden" }`
MSH201 1:33-1:39 `hidden` is not in the catalog; help: map it in `msh.toml` or with `--catalog FILE`: `[hidden]`, `run = { host = "hidden" }`

#### a strict check wants to know such names beforehand
. ./lib.sh; log "done"
## args: --strict
## diagnostics:
MSH203 1:3-1:11 the commands of this file are known only when `.` reads it; help: they are resolved then, and refused if they are not mapped
MSH207 1:13-1:16 `log` is not in the catalog; it may be a function or a script that is known only at run time; help: it is looked up when it is called, and refused if it is not mapped

#### and are findings of a strict one
$cmd x
eval "$text"
sh -c "$text"
. ./lib.sh
./made x
trap "$text" EXIT
## args: --strict
## diagnostics:
MSH202 1:1-1:5 the name of this command is known only at run time; help: name the command, or use `case` to choose between names
MSH203 2:6-2:13 the commands that `eval` runs here are known only at run time; help: they are resolved then, and refused if they are not mapped
MSH203 3:7-3:14 the commands that `sh` runs here are known only at run time; help: they are resolved then, and refused if they are not mapped
MSH203 4:3-4:11 the commands of this file are known only when `.` reads it; help: they are resolved then, and refused if they are not mapped
MSH206 5:1-5:7 there is no `./made` yet, so what it is becomes known only at run time; help: it is resolved then, and refused if it is not mapped
MSH203 6:6-6:13 the commands that `trap` runs here are known only at run time; help: they are resolved then, and refused if they are not mapped

#### a name may be a script where PATH has a directory that only the run knows
PATH="$(dirname "$0")/bin:$PATH"
gerp x
## args: --strict
## diagnostics:
MSH207 2:1-2:5 `gerp` is not in the catalog; it may be a function or a script that is known only at run time; help: it is looked up when it is called, and refused if it is not mapped

#### a PATH of known directories without such a script leaves no doubt
PATH=/usr/local/bin:/usr/bin:/bin:$HOME/bin:/opt/x:~/y${PATH:+:$PATH}
export PATH
gerp x  ### MSH201

#### what a shell through env runs is known at run time like what any shell runs
env A=1 sh -c "$text"
env A=1 "$dir/script"
env A=1 sh -c 'gerp x'  ### MSH201
