#### an unmapped command is named, with the nearest known one
gerp x file
## diagnostics:
MSH201 1:1-1:5 `gerp` is not in the catalog; help: did you mean `grep`?

#### all of them at once, each in its place
gerp a | srot -u
echo b; unniq < c
## diagnostics:
MSH201 1:1-1:5 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 1:10-1:14 `srot` is not in the catalog; help: did you mean `sort`?
MSH201 2:9-2:14 `unniq` is not in the catalog; help: did you mean `uniq`?

#### in a function that is never called
f() {
    gerp x
}
## diagnostics:
MSH201 2:5-2:9 `gerp` is not in the catalog; help: did you mean `grep`?

#### in both forms of command substitution
x=$(gerp a `srot b`)
## diagnostics:
MSH201 1:5-1:9 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 1:13-1:17 `srot` is not in the catalog; help: did you mean `sort`?

#### in a process substitution
diff <(gerp a) b
## diagnostics:
MSH201 1:8-1:12 `gerp` is not in the catalog; help: did you mean `grep`?

#### in arithmetic, a case word and its pattern, a for list, a condition
echo $((1 + $(gerp 1)))
case $(gerp 2) in $(gerp 3)) ;; esac
for i in $(gerp 4); do :; done
[[ -n $(gerp 5) ]]
## diagnostics:
MSH201 1:15-1:19 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:8-2:12 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:21-2:25 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 3:12-3:16 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 4:9-4:13 `gerp` is not in the catalog; help: did you mean `grep`?

#### in a substitution of an assignment before a command
FOO=$(gerp x) cat y
## diagnostics:
MSH201 1:7-1:11 `gerp` is not in the catalog; help: did you mean `grep`?

#### in a backquote of an unquoted here-document
cat <<END
`gerp x` $(srot y)
END
## diagnostics:
MSH201 2:2-2:6 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:12-2:16 `srot` is not in the catalog; help: did you mean `sort`?

#### not in a quoted here-document
cat <<'END'
`gerp x`
END
## diagnostics:

#### behind an assignment prefix
CI=true gerp x
## diagnostics:
MSH201 1:9-1:13 `gerp` is not in the catalog; help: did you mean `grep`?

#### quoted and escaped names are the same names
g"er"p x; \gerp y; 'gerp' z; $'gerp' w
## diagnostics:
MSH201 1:1-1:7 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 1:11-1:16 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 1:20-1:26 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 1:30-1:37 `gerp` is not in the catalog; help: did you mean `grep`?

#### a mapped name may be quoted
r"m" -f nothing; \ls > /dev/null
## diagnostics:

#### on both sides of lists
true && gerp x || gerp y
## diagnostics:
MSH201 1:9-1:13 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 1:19-1:23 `gerp` is not in the catalog; help: did you mean `grep`?

#### in a coprocess and in the background
coproc gerp x
gerp y &
## diagnostics:
MSH201 1:8-1:12 `gerp` is not in the catalog; help: did you mean `grep`?
MSH201 2:1-2:5 `gerp` is not in the catalog; help: did you mean `grep`?

#### nothing has run
echo before > made
gerp x
## diagnostics:
MSH201 2:1-2:5 `gerp` is not in the catalog; help: did you mean `grep`?

#### a path is not a name
/opt/tool x
## diagnostics:
MSH201 1:1-1:10 `/opt/tool` is not in the catalog; help: map its directory with `[[path]]` in `msh.toml`, or the command by name

#### a mapped program may be given by its path
/usr/bin/sort x; /bin/cat y
## diagnostics:

#### a builtin of bash that msh leaves out is not there
history -c
## diagnostics:
MSH201 1:1-1:8 `history` is not in the catalog; help: map it in `msh.toml` or with `--catalog FILE`: `[history]`, `run = { host = "history" }`
