#### flags of zsh in a branch that is not taken
here=${BASH_SOURCE[0]:-${(%):-%x}}
[[ -n ${ZSH_VERSION-} ]] && files=("${(@f)$(ls)}") other=${(j:, :)${(k)names[@]}:#pre*}
echo "${x+"${(q)x}"}end"
## stdout:
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
