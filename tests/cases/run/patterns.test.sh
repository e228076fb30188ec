#### collating symbols are characters by name, and none matches nothing
for x in '-|[[.hyphen.]-9]' 'p|[[.a.]-[.z.]]' 'c|[[.yyz.]-[.z.]]' 'c|[[.yyz.]cde]' 'p|[[.a.]-[.zz.]p]' ' |[[.space.]]' '~|[[.tilde.]]'; do
	case ${x%%|*} in ${x#*|}) echo "yes $x";; *) echo "no $x" ;; esac
done
## stdout:
yes -|[[.hyphen.]-9]
yes p|[[.a.]-[.z.]]
no c|[[.yyz.]-[.z.]]
yes c|[[.yyz.]cde]
yes p|[[.a.]-[.zz.]p]
yes  |[[.space.]]
yes ~|[[.tilde.]]
#### a group that may stand for nothing leaves a dot behind it at the start
shopt -s extglob
mkdir d; cd d; touch .foo bar
echo *(bar).foo ?(bar).foo *(bar)foo
## stdout:
.foo .foo *(bar)foo

#### an empty pattern replaces nothing, with nocasematch too
a=abc
shopt -s nocasematch
echo "${a//$none/X}" "${a/$none/X}" "${a/#$none/X}" "${a/%$none/X}"
## stdout:
abc abc Xabc abcX
