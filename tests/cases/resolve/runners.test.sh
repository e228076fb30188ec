#### xargs
ls | xargs -n 1 gerp x
## diagnostics:
MSH201 1:17-1:21 `gerp`, which `xargs` runs, is not in the catalog; help: did you mean `grep`?

#### find -exec, twice, and -execdir
find . -exec gerp x {} \; -o -execdir srot {} +
## diagnostics:
MSH201 1:14-1:18 `gerp`, which `find` runs, is not in the catalog; help: did you mean `grep`?
MSH201 1:39-1:43 `srot`, which `find` runs, is not in the catalog; help: did you mean `sort`?

#### env, timeout, nice, nohup, stdbuf, setsid, and one in another
env -i A=b gerp 1
timeout -k 1 5 gerp 2
nice -n 3 nohup gerp 3
stdbuf -oL setsid gerp 4
## diagnostics:
MSH201 1:12-1:16 `gerp`, which `env` runs, is not in the catalog; help: did you mean `grep`?
MSH201 2:16-2:20 `gerp`, which `timeout` runs, is not in the catalog; help: did you mean `grep`?
MSH201 3:17-3:21 `gerp`, which `nohup` runs, is not in the catalog; help: did you mean `grep`?
MSH201 4:19-4:23 `gerp`, which `setsid` runs, is not in the catalog; help: did you mean `grep`?

#### what a spec runs by an option
tar -cf a.tar --to-command='gerp x' b
sort --compress-program=gizp x
tar -I 'gizp -9' -cf a.tar b
## diagnostics:
MSH201 1:15-1:36 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:25-2:29 `gizp`, which `sort` runs, is not in the catalog; help: did you mean `gzip`?
MSH201 3:9-3:13 `gizp`, which `tar` runs, is not in the catalog; help: did you mean `gzip`?

#### the text of sh -c, with places in it
sh -c 'cat x | gerp y' arg
bash -ec "srot z"
## diagnostics:
MSH201 1:16-1:20 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:11-2:15 `srot` is not in the catalog; help: did you mean `sort`?

#### a text in a text
sh -c 'sh -c "gerp x"'
## diagnostics:
MSH201 1:15-1:19 `gerp` is not in the catalog; help: did you mean `grep`?

#### a text that is put together has one place
sh -c 'ger''p x'
## diagnostics:
MSH201 1:7-1:17 `gerp` is not in the catalog; help: did you mean `grep`?

#### sh -c run by xargs and find
xargs -I{} sh -c 'gerp {}'
find . -exec bash -c 'srot "$1"' _ {} \;
## diagnostics:
MSH201 1:19-1:23 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:23-2:27 `srot` is not in the catalog; help: did you mean `sort`?

#### a syntax error in such a text is found
sh -c 'if true'
## diagnostics:
MSH103 1:15-1:15 expected `then` after `if`, found end of input; 1:8-1:10 opened here

#### eval and trap
eval 'gerp x'
eval srot y
trap 'unniq z' EXIT
trap 'never' NOSIGNAL
## diagnostics:
MSH201 1:7-1:11 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:6-2:12 `srot` is not in the catalog; help: did you mean `sort`?
MSH201 3:7-3:12 `unniq` is not in the catalog; help: did you mean `uniq`?

#### command, exec and builtin
command -p gerp x
exec -a name gerp y
builtin sort z
command -v gerp
## diagnostics:
MSH201 1:12-1:16 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:14-2:18 `gerp`, which `exec` runs, is not in the catalog; help: did you mean `grep`?
MSH201 warning 3:9-3:13 `sort` is not a builtin; help: leave out `builtin`

#### functions may be called above their definition, and defined by eval
main
eval 'late() { :; }'
main() { late; }
## diagnostics:

#### command passes a function by
gerp() { command gerp "$@"; }
gerp x
## diagnostics:
MSH201 1:18-1:22 `gerp` is not in the catalog; help: did you mean `grep`?

#### what another program runs is a program
f() { :; }
xargs f
xargs cd
export -f f
xargs -I{} bash -c 'f {}'
## diagnostics:
MSH201 2:7-2:8 `f`, which `xargs` runs, is not in the catalog; help: `f` is a function, which other programs cannot run: `export -f f`, then `bash -c 'f …'`
MSH201 3:7-3:9 `cd`, which `xargs` runs, is not in the catalog; help: `cd` is a builtin of the shell, which other programs cannot run

#### builtins that are programs too may be run by others
xargs echo; env printf x; find . -exec test -f {} \;
## diagnostics:

#### what becomes known only inside a step is refused
xargs -I{} {} x
## diagnostics:
MSH204 1:12-1:14 the command that `xargs` runs is known only inside the step; help: name the command in the script

#### so is a script made up inside a step
xargs sh -c
## diagnostics:
MSH204 1:1-1:6 what `sh` runs here is known only inside the step; help: give the commands as one quoted text and data as arguments

#### nesting has a bound
env env env env env env env env env env env env env env env env env env env env cat
## diagnostics:
MSH205 1:69-1:72 commands are nested too deep here; help: write a function or a script

#### msh is a shell, too
msh -c 'gerp x'
## diagnostics:
MSH201 1:9-1:13 `gerp` is not in the catalog; help: did you mean `grep`?
