"""Random simple commands: assignments, builtins, redirections, here-documents.

What they may name (functions, loops to leave) is the state of the program that they stand in, `GrammarProgram`.
"""

from __future__ import annotations

from tests.support.grammar_words import Choices, GrammarWords

FORMATS = [
    "%s\\n",
    "[%s]",
    "<%5s>",
    "%-4s|",
    "%d\\n",
    "%03d,",
    "%x ",
    "%q\\n",
    "%b\\n",
    "%c",
    "%s=%s\\n",
    "%.2s;",
    "%+d",
    "%%%s",
    "%o",
]


class GrammarCommands(GrammarWords):
    """One method for each family of simple commands."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(choices)
        self.functions: list[str] = []
        self.loops = self.calls = 0
        self.inline = 0  # inside of a substitution, where a here-document has no place

    def call(self) -> str:
        raise NotImplementedError

    def conditional(self) -> str:
        raise NotImplementedError

    def redirect(self) -> str:
        file = self.file()
        return self.one(
            *[f">{file}", f">>{file}", f"<{file}", f">|{file}", f"<>{file}", f"{{fd}}>{file}", f"3>{file} >&3"],
            *["2>/dev/null", ">&2", "</dev/null", "<<< $a", "3>&1 1>&3-", "4<&-"],
        )

    def simple_command(self) -> str:
        kind = self.below(20)
        if kind < 6:
            return self.output()
        if kind < 11:
            return self.assignment()
        if kind < 13:
            return self.conditional()
        if kind < 15 and self.functions:
            return self.call()
        if kind < 16 and not self.inline:
            return self.heredoc()
        return self.builtin()

    def output(self) -> str:
        return self.pick(
            "echo «words»",
            "{ echo «literal»; echo e >&2; } «&>|&>>»«file»",
            "{ echo «literal»; echo e >&2; } «errors»",
            "echo «-n|-e|-E|-ne|--» «words»",
            "printf '%s\\n' «words»",
            "printf '«format»«format»' «words»",
            "printf -v «a|c|e[1]|n» '«format»' «words»",
            "declare -p «a|b|e|g|h|u|n|r»",
            'echo "${e[@]@A}" "${a@A}"',
            'for x in «words»; do printf "<%s>" "$x"; done',
        )

    def errors(self) -> str:
        file = self.file()
        return self.one("2>&1", f">&{file}", f"2>{file} >&2")

    def format(self) -> str:
        return self.of(FORMATS)

    def array(self) -> str:
        return self.pick("(«words»)", "(«words»)", "([2]=«value» «word»)", "()", '("${e[@]}" «word»)', "([n]=«scalar»)")

    def assignment(self) -> str:
        return self.pick(
            "«a|b|c|a»=«word»",
            "«a|b»+=«word»",
            "n=$((«arithmetic»))",
            "((«arithmetic»))",
            'let "n = «arithmetic»" n+=1',  # else `$` is a syntax error, before which bash has assigned already
            "«e|g»=«array»",
            "«e|g»+=«array»",
            "e[«0|2|n&3|1+1|-1|$#»]«=|+=»«word»",
            "h[«k|x|$a|'x y'»]«=|+=»«word»",
            "h=([«k|z»]=«value» [q]=«double_quoted»)",
            "h+=([z]=«scalar»)",
            "a=«word» b=$a c=«word»",
            "«export|declare|typeset|declare -x» c=«word» «a=2|u»",
            "declare -«i|l|u|c» «a=AbC|b=1+2|c» 2>/dev/null",
            "readonly «R1|R2»=«word»",
        )

    def builtin(self) -> str:
        families = [self.reading, self.setting, self.parameters, self.files, self.inquiry, self.leaving, self.leaving]
        return families[self.below(len(families))]()

    def reading(self) -> str:
        return self.pick(
            "IFS=«:|' '|,|''» read «-r|-r|-ra|-rd:|-rn2|-rN3» «a|e» <<< «word»",
            "read a b c <<< «word»",
            "IFS=: read -r a b <<< «word»",
            "read -r «a|a b» < «file»",
            "mapfile «-t|-tn1|-ts1|-tO2|-td:» g <<< «word»; declare -p g",
            "while read -r l; do echo $l; done < «file»",
        )

    def setting(self) -> str:
        return self.pick(
            "set «-e|+e|-u|+u|-f|+f|+o pipefail|-o pipefail|-C|+C»",
            "shopt -«s|u» «nullglob|nocasematch|xpg_echo|dotglob»",
            "unset «u|c|e[1]|g|a|h[k]|e[-1]|-v b|-n r»",
            "IFS=«:|''|' '»",
            "unset IFS",
            "«trap»",
            "trap - EXIT ERR DEBUG",
            "umask 0«22|77»; umask",
            "declare -n r=«a|e|c|e[1]»",
        )

    def parameters(self) -> str:
        return self.pick(
            "set -- «words»",
            "shift",
            "shift «2|9|0»",
            'OPTIND=1; while getopts «ab:|:ab:c» o -«a|ab|bv|x|c» «word»; do echo "$o ${OPTARG-} $OPTIND"; done',
            "eval 'echo $a' «word»",
            'eval "a=\\$b"',
            "x=«word» eval 'echo \"$x\"'",
        )

    def files(self) -> str:
        self.uses += 1
        return self.pick(
            "echo «words» >«file»",
            "echo x >>«file»",
            "echo a«glob»",
            "cd . && echo ${PWD##*/}",
            "pushd . >/dev/null; dirs -p | { read -r l; echo ${l##*/}; }; popd >/dev/null",
            "exec 3>«file»; echo x >&3; exec 3>&-",
            "exec {fd}<«file»; read -r a <&$fd; exec {fd}<&-",
            f"echo 'echo sourced $1 $#; a=src' >{self.places[2]}; . ./{self.places[2]} «word»",
            "echo $(<«file»)",
        )

    def inquiry(self) -> str:
        return self.pick(
            "type -t «echo|if|fn1|nothing»",
            "command -v «echo|cd|fn1»",
            "echo $? $- ",
            'echo "${PIPESTATUS[@]}"',
            "echo ${FUNCNAME[@]-}",
            "declare -F",
            "set -o | { while read -r l a; do [[ $l != «errexit|nounset|pipefail» ]] || echo $l $a; done; }",
            "shopt -q «extglob|nullglob»; echo $?",
            "echo ${BASH_REMATCH[@]}",
            "trap",
            "builtin echo «word»",
            "command echo «word»",
        )

    def leaving(self) -> str:
        if self.loops and self.chance(50):
            return self.one("break", "continue", "break 2", "continue 2")
        if self.calls and self.chance(50):
            return self.one("return", "return 3", "return $((n & 1))")
        return self.one(
            ":",
            "true",
            "false",
            "(exit 3)",
            "! false",
            "exit 2" if self.chance(20) else "false",
            ": ${u:?none}" if self.chance(10) else ":",
        )

    def trap(self) -> str:
        signal = self.one("EXIT", "EXIT", "ERR", "USR1", "0", "RETURN", "DEBUG")
        body = self.one("echo trap $?", "echo t1; false; echo t2 $?", "a=9; echo $a", "(exit 3)", "echo $b; : ")
        return f"trap '{body}' {signal}" + ("\nkill -USR1 $BASHPID; echo after" if signal == "USR1" else "")

    def heredoc(self) -> str:
        mark = self.one("E", "'E'", "-E", "\\E")
        tab = "\t" if mark == "-E" else ""
        body = f"{tab}l1 {self.scalar(True)}\n{tab}$(echo sub) \\$a `echo q`\n$((7 + ${{#a}})) \\\\ \"q\" 'r'"
        head = self.one(
            "read -r a b", 'while read -r q; do echo "<$q>"; done', "mapfile -t e", "{ read a; read b; }", "cat"
        )
        return f"{head} <<{mark}\n{body}\n{tab}E\n:"
