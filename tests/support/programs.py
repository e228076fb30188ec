"""Random shell programs that end: what `tests/fuzz/test_run.py` gives to msh and to bash.

Every loop is bounded by a counter of its own and every function calls only functions defined before it, so each
program ends. Programs write to standard output and to files f1 to f3 of their directory; standard error is free.
"""

from __future__ import annotations

import random
import re

VALUES = ["", "a", "b c", "  x  ", "7", "3", "-2", "a:b:c", "*", "f?", "abcabc", "é", "a\\\\b", "x=y", "010", "Hello"]
PATTERNS = ["a*", "*b", "?", "[a-c]", "*", "", "*:*", "[!a]*", "b\\ c", "abc", "'*'", '"$a"', "$b"]
NAMES = ["a", "b", "c", "u"]
LISTS = ["e", "g"]
FILES = ["f1", "f2", "f3"]
TABLES = {"names": NAMES, "files": FILES, "patterns": [pattern for pattern in PATTERNS if pattern]}
FILTERS = ["cat", "tr a-z A-Z", "sort", "head -n 2", "cat -", "sort -r", "tr -d ' '", "tail -n 1", "wc -l"]


class Program:
    """One program: `Program(seed).text`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.counter = 0
        self.depth = 2  # of what may still nest in words
        self.functions: list[str] = []
        self.loops = 0
        self.calls = 0
        self.text = self.program()

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def pick(self, *templates: str) -> str:
        """One of the templates, its `@word@`, `@files@`, `@one:x|y@` … filled in."""

        def fill(match: re.Match[str]) -> str:
            if match[2] is not None:
                return self.one(*match[2].split("|"))
            if match[1] in TABLES:
                return self.one(*TABLES[match[1]])
            makers = {
                "word": self.word,
                "words": self.words,
                "arithmetic": self.arithmetic,
                "parameter": self.parameter,
            }
            return makers[match[1]](self.depth)

        return re.sub(r"@([a-z]+)(?::([^@]*))?@", fill, self.one(*templates))

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def fresh(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}{self.counter}"

    def program(self) -> str:
        parts = ["a=1 b='b c' c=abc; e=(x 'y z' 3)"]
        if self.chance(40):
            parts.append(self.one("set -e", "set -u", "set -o pipefail", "set -f", "set -eu", "set -eo pipefail"))
        if self.chance(40):
            parts.append(self.trap())
        parts += [self.statement(2) for _ in range(self.random.randint(2, 5))]
        parts.append('echo "end $? $a $b $c ${e[*]} ${g[*]-} $#"')
        return "\n".join(parts) + "\n"

    def trap(self) -> str:
        signal = self.one("EXIT", "EXIT", "ERR", "USR1", "0")
        body = self.one("echo trap $?", "echo t1; false; echo t2 $?", "a=9; echo $a; exit 5", "(exit 3)", "echo $b; : ")
        fire = "\nkill -USR1 $$; echo after" if signal == "USR1" else ""
        return f"trap '{body}' {signal}{fire}"

    # ---- words ---------------------------------------------------------------

    def value(self) -> str:
        return "'" + self.random.choice(VALUES).replace("\\\\", "\\") + "'"

    def parameter(self, depth: int) -> str:
        name = self.one(*NAMES, "1", "2", "#", "?", "@", "*", "e[@]", "e[*]", "e[1]", "#e[@]", "!e[@]", "#a", "e[-1]")
        if name[0] in "#!?" or (name in "@*" and self.chance(50)) or depth <= 0 or self.chance(40):
            return "${" + name + "}"
        if "@" in name or "*" in name:
            return "${" + name + self.one(":1", ":1:1", "-d", ":-d", "+s") + "}"
        operator = self.one("-", ":-", "+", ":+", "#", "##", "%", "%%", "/", "//", "^", "^^", ",", ",,", ":", "=", ":=")
        if operator == ":":
            return f"${{{name}:{self.random.randrange(3)}}}"
        if operator in ("^", "^^", ",", ",,"):
            return f"${{{name}{operator}}}"
        if operator[0] == "/":
            return f"${{{name}{operator}{self.one('a', 'b', '?', '[a-c]')}/{self.one('Z', '', '$a')}}}"
        if operator[0] in "#%":
            return f"${{{name}{operator}{self.one('a', '*b', 'b*', '?', '*:', ':*')}}}"
        if "=" in operator and name.isdigit():
            operator = "-"
        return f"${{{name}{operator}{self.inner(depth - 1)}}}"

    def inner(self, depth: int) -> str:
        return self.one("d", "$a", "'q r'", '"$b"', "x y") if self.chance(70) else self.parameter(depth)

    def part(self, depth: int) -> str:
        kind = self.random.randrange(10)
        if kind < 2:
            return self.one("x", "y", "ab", "\\*", "\\ ", "=", "{a,b}", "~", "1", "f1")
        if kind < 3:
            return self.value()
        if kind < 6:
            return self.parameter(depth)
        if kind < 8:
            return '"' + self.one("", "x", " ", "\\$a ") + self.parameter(depth) + self.one("", "'", " y") + '"'
        if kind < 9 or depth < 2 or self.depth < 2:
            return f"$(({self.arithmetic(2)}))"
        return self.substitution()

    def substitution(self) -> str:
        self.depth -= 2
        loops, calls, self.loops, self.calls = self.loops, self.calls, 0, 0
        functions = self.functions.copy()
        text = f"$({self.list(max(0, self.depth), '; ')})"
        self.loops, self.calls, self.functions = loops, calls, functions
        self.depth += 2
        return f'"{text}"' if self.chance(50) else text

    def word(self, depth: int = 2) -> str:
        return "".join(self.part(depth) for _ in range(self.random.choice([1, 1, 1, 2, 2, 3])))

    def words(self, depth: int = 2, most: int = 3) -> str:
        return " ".join(self.word(depth) for _ in range(self.random.randint(1, most)))

    def arithmetic(self, depth: int) -> str:
        if not depth or self.chance(30):
            return self.one("1", "2", "7", "n", "m", "${#a}", "010", "0x1f", "e[2]", "$#", "-3", "16#f")
        left, right = self.arithmetic(depth - 1), self.arithmetic(depth - 1)
        kind = self.random.randrange(8)
        if kind == 0:
            return f"({left})"
        if kind == 1:
            return self.one("!", "- ", "~") + f"({left})"
        if kind == 2:
            return f"({left} ? {right} : n)"
        if kind == 3:
            return f"(n {self.one('=', '+=', '-=', '*=')} {left})"
        if kind == 4:
            return self.one("n++", "--n", "m--", "++m")
        operator = self.one("+", "-", "*", "/", "%", "<", "<=", "==", "!=", "&&", "||", "&", "|", "^", "<<", ",", "**")
        return f"{left} {operator} {right}"

    # ---- commands ------------------------------------------------------------

    def test(self) -> str:
        return self.pick(
            '[ "@parameter@" = "@parameter@" ]',
            '[ -n "@parameter@" ]',
            '[ -z "@parameter@" -o "@parameter@" != x ]',
            'test "@parameter@"',
            "[[ @parameter@ == @patterns@ ]]",
            "[[ -n @parameter@ && @parameter@ < b ]]",
            "[[ @parameter@ =~ ^[a-c]+(.?) ]]",
            "[ ${#c} -@one:eq|lt|ge@ @one:0|2|3@ ]",
            "[ -@one:f|e|s|d|r@ @files@ ]",
            "(( @arithmetic@ ))",
            "[[ ! ( -e @files@ || -z @parameter@ ) ]]",
            "true",
            "false",
        )

    def output(self) -> str:
        return self.pick(
            "echo @words@",
            "echo -n @word@",
            "echo -e 'a\\tb\\n' @word@",
            "printf '%s\\n' @words@",
            "printf '[%s]' @words@",
            "printf '%5s|%-4s|%03d\\n' @word@ @word@ @one:7|-1|010|$n@",
            "printf '%q %b\\n' @word@ 'x\\ty'",
            "printf -v @one:a|c@ '%s-' @words@",
            "printf '<%s>' @words@",
        )

    def assignment(self) -> str:
        return self.pick(
            "@names@=@word@",
            "@one:a|b@+=@word@",
            "n=$((@arithmetic@))",
            "((@arithmetic@))",
            "let 'n = @arithmetic@'",
            "@one:e|g@=(@words@)",
            "e[@one:0|2|n&3|1+1@]=@word@",
            "g+=(@word@)",
            "unset @one:u|c|e[1]|g|a@",
            "set -- @words@",
            "shift",
            "IFS=@one:':'|' '|@ read -r @one:a b|a|a b c|-a e@ <<< @word@",
            "read @one:a|a b|c u@ < @files@",
            "x=@word@ eval 'echo \"$x\"'",
            'export c=@word@; sh -c \'printf "<%s>" "$c"\'',
            "declare -i n=@one:1+2|7|m@",
        )

    def simple(self) -> str:
        kind = self.random.randrange(10)
        if kind < 4:
            return self.output()
        if kind < 7:
            return self.assignment()
        if kind < 8:
            return self.test()
        return self.call() if self.functions and self.chance(60) else self.rarer()

    def call(self) -> str:
        return f"{self.one(*self.functions)} {self.words()}"

    def rarer(self) -> str:
        choices = ["(exit 3)", 'echo "${PIPESTATUS[@]}"', "echo $?", "exec 3>f3; echo x >&3; exec 3>&-", "wait", ":"]
        choices += [f"set {self.one('-e', '+e', '-u', '+u', '-f', '+f', '-o pipefail', '+o pipefail')}", "echo $-"]
        choices += ["cat f1", "ls f*", "rm -f f1", "eval 'echo $a'"]
        choices += ["echo f*", "command echo q", "cat < f2", "echo bg & wait $!", "(exit 4) & wait $!; echo $?"]
        choices += ["type echo", "alias q=1 || :", "umask 022", "! false", "mapfile -t g < f1; echo ${#g[@]}"]
        choices += [self.getopts(), "exit 2" if self.chance(15) else "true", "cd . && pwd >f1", "trap - EXIT"]
        if self.loops:
            choices += [self.one("break", "continue", "break 2", "continue 2")] * 6
        if self.calls:
            choices += [self.one("return", "return 3", "return $((n & 1))", "local c=loc u", "local -a e=(1 2)")] * 6
        return self.one(*choices)

    def getopts(self) -> str:
        options = self.one("-a -b v w", "-ab", "-bv -c", "x -a", "-- -a", "-a -x")
        body = 'echo "$o ${OPTARG-} $OPTIND"'
        return f"OPTIND=1; while getopts {self.one('ab:', ':ab:c')} o {options}; do {body}; done"

    def redirect(self) -> str:
        file = self.one(*FILES)
        return self.one(
            f">{file}", f">>{file}", f"<{file}", "2>/dev/null", ">&2", f"3>{file} >&3", "</dev/null", "3>&1"
        )

    def list(self, depth: int, separator: str = "\n") -> str:
        return separator.join(self.statement(depth, separator) for _ in range(self.random.choice([1, 1, 2, 3])))

    def statement(self, depth: int, separator: str = "\n") -> str:
        command = self.command(depth, separator)
        kind = self.random.randrange(12)
        if kind == 0:
            return f"{command} && {self.command(depth - 1, separator)}"
        if kind == 1:
            return f"{command} || {self.command(depth - 1, separator)}"
        if kind == 2:
            return f"! {command}"
        return command

    def command(self, depth: int, separator: str) -> str:
        if depth <= 0 or self.chance(35):
            text = self.simple()
            return f"{text} {self.redirect()}" if self.chance(15) and ";" not in text else text
        text = self.compound(depth - 1, separator)
        return f"{text} {self.redirect()}" if self.chance(20) and text[-1] in "}cinef)" and text[-2:] != "\n)" else text

    def compound(self, depth: int, s: str) -> str:
        kind = self.random.randrange(12)
        if kind < 2:
            return self.conditional(depth, s)
        if kind < 5:
            return self.loop(depth, s)
        if kind < 6:
            return self.case(depth, s)
        if kind < 7:
            return self.function(depth, s)
        if kind < 8:
            return self.isolated(f"( {{list}}{s})", depth, s)
        if kind < 9:
            return f"{{ {self.list(depth, s)}{s}}}"
        if kind < 11:
            return self.pipeline(depth, s)
        return self.heredoc(depth) if s == "\n" else self.simple()

    def isolated(self, form: str, depth: int, s: str) -> str:
        """A list in a process of its own: break and return of what is outside do not reach out of it."""
        loops, calls, self.loops, self.calls = self.loops, self.calls, 0, 0
        functions = self.functions.copy()  # msh knows those of a process of its own only there, and refuses a call
        text = form.replace("{list}", self.list(depth, s))
        self.loops, self.calls, self.functions = loops, calls, functions
        return text

    def conditional(self, depth: int, s: str) -> str:
        tail = f"else {self.list(depth, s)}{s}" if self.chance(50) else ""
        if self.chance(30):
            tail = f"elif {self.test()}; then {self.list(depth, s)}{s}{tail}"
        return f"if {self.one('', '! ')}{self.test()}; then {self.list(depth, s)}{s}{tail}fi"

    def loop(self, depth: int, s: str) -> str:
        name = self.fresh("k")
        words = self.one("", f" in {self.words()}", f" in {self.words()}")
        head = self.one(
            f"for {self.one('a', name)}{words}; do ",
            f"for (({name}=0; {name}<3; {name}++)); do ",
            f"{name}=0; while (({name}++ < 3)); do ",
            f"{name}=3; until [ $(({name}--)) -le 0 ]; do ",
        )
        self.loops += 1
        body = self.list(depth, s)
        self.loops -= 1
        return f"{head}{body}{s}done"

    def case(self, depth: int, s: str) -> str:
        items = ""
        for _ in range(self.random.randint(1, 3)):
            patterns = "|".join(self.random.choice(PATTERNS) or "''" for _ in range(self.random.randint(1, 2)))
            items += f"({patterns}) {self.list(depth, s)} {self.one(';;', ';;', ';&', ';;&')} "
        return f"case {self.word()} in {items}esac".replace("\n ;", "\n;")

    def function(self, depth: int, s: str) -> str:
        name = self.fresh("fn")
        loops, self.loops = self.loops, 0
        self.calls += 1
        local = f"local {self.one('a=$1', 'b', 'c=$2 a', 'u=1')}{s}" if self.chance(50) else ""
        text = f"{name}() {{ {local}{self.list(depth, s)}{s}}}"
        self.calls -= 1
        self.loops = loops
        self.functions.append(name)
        return f"{text}{s}{self.call()}"

    def pipeline(self, depth: int, s: str) -> str:
        first = self.pick("printf '%s\\n' @words@", "echo b; echo a", "cat @files@", "false", "echo 'q  r'")
        first = f"{{ {first}; }}" if ";" in first else first
        stages = [first] + [self.one(*FILTERS) for _ in range(self.random.randint(0, 2))]
        if self.chance(50) or len(stages) == 1:
            forms = ("while read -r l {v}; do {list}SEPdone", "{ {list}SEP}", "( {list}SEP)", "{ read x; cat; }")
            form = self.one(*forms).replace("SEP", s).replace("{v}", self.one("", "u", "a"))
            stages.append(self.isolated(form, min(depth, 1), s))
        return " | ".join(stages)

    def heredoc(self, depth: int) -> str:
        parameter = self.one("${a}", "${b:-d}", "${e[*]:1}", "${c#a}", "${#a}", "$*", "${u-none}")
        body = f"l1 {parameter}\n$(echo sub) \\$a\n$((7 + ${{#a}}))"  # bash expands a step's in a process of its own
        mark = self.one("EOF", "'EOF'", '"EOF"')
        head = self.one("cat", "read -r a b", 'while read -r q; do echo "<$q>"; done', "cat >f1", "tr a-z A-Z")
        return f"{head} <<{mark}\n{body}\nEOF\n:"
