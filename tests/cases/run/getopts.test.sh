#### options, arguments, the end
set -- -a -b val -- x
while getopts ab: o; do echo "$o ${OPTARG-unset} $OPTIND"; done; echo "$o $OPTIND $?"
OPTIND=1; set -- -abc
getopts abc o; getopts abc o; echo $o $OPTIND; getopts abc o; echo $o $OPTIND
OPTIND=1; set -- -ab-; getopts ab o; getopts ab o; getopts ab o 2>/dev/null; echo $? $o $OPTIND
## stdout:
a unset 2
b val 4
? 5 0
b 1
c 2
0 ? 2

#### messages name no line, and can be switched off
getopts ab o -x 2>&1 | sed 's/.*: //'; echo "$o ${OPTARG-unset}"
OPTIND=1; getopts b: o -b 2>&1 | sed 's/.*: //'
OPTIND=1; getopts :ab o -x; echo "$? $o ${OPTARG-unset} $OPTIND"
OPTIND=1; getopts :b: o -b; echo "$? $o ${OPTARG-unset} $OPTIND"
OPTIND=1; OPTERR=0; getopts ab: o -z; echo "$? $o ${OPTARG-unset} $OPTIND"
## stdout:
illegal option -- x
 unset
option requires an argument -- b
0 ? x 2
0 : b 2
0 ? unset 2

#### names that cannot be assigned
exec 2>/dev/null
getopts ab o- -a; echo $? $OPTIND
readonly ro; OPTIND=1; getopts ab ro -a; echo $? $OPTIND
getopts; echo $?
## stdout:
1 2
2 2
2

#### OPTIND beyond a new, shorter list
set -- -h -c foo x y z
while getopts hc: o; do echo -; done; echo $OPTIND
set --
while getopts hc: o; do echo -; done; echo $OPTIND
## stdout:
-
-
4
1
#### assigning OPTIND begins anew, and a call with an OPTIND of its own leaves the caller's place alone
f() {
	local OPTIND=1 opt
	while getopts abcxyz opt; do
		echo "$opt"
		if [ "$opt" = y ]; then f -abc; fi
	done
}
f -xyz
set -- -abc
getopts abc o; OPTIND=1; getopts abc o; echo "$o"
## stdout:
x
y
a
b
c
z
a
#### a readonly OPTARG is kept
set -- -a
readonly OPTARG
getopts :x x; echo "$x ${OPTARG-unset}"
getopts -a x x; echo $?
## stdout:
? unset
2
## stderr-contains: OPTARG: readonly variable
## stderr-contains: getopts: -a: invalid option
## stderr-contains: getopts optstring name [arg ...]
