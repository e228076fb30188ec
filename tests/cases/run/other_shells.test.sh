#### flags of zsh in a branch that is not taken
here=${BASH_SOURCE[0]:-${(%):-%x}}
[[ -n ${ZSH_VERSION-} ]] && files=("${(@f)$(ls)}") other=${(j:, :)${(k)names[@]}:#pre*}
echo "${x+"${(q)x}"}end"
## stdout:
end

#### variables of ksh in a test for ksh
(eval '[ "${.sh.version:-}" ]') 2> errors && echo ksh
echo "$?"
[ "${KSH_VERSION-}" ] && here=${.sh.file}
echo end
## stdout:
1
end

#### flags of zsh that are come to
(echo "${(q)x}"; echo after)
echo "$?"
## stdout:
1
## stderr-contains: ${(q)x}: bad substitution

#### flags of zsh that do not end
echo ${(q)x
## status: 2
## diagnostics:
MSH105 2:1-2:1 expected `}` to close `${`, found end of input; 1:6-1:8 opened here
## bash: differs because msh finds it before anything runs

#### a name of another system in a branch for it
if [ "$(uname)" = Darwin ]; then greadlink -f x; fi
[ -n "${ZSH_VERSION-}" ] && setopt shwordsplit
setopt shwordsplit 2> errors
echo "$?"
command -v gsha256sum || echo none
## stdout:
127
none
