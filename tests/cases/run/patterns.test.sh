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
