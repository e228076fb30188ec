"""Random programs as wide as the grammar: `GrammarProgram(choices).text` ends, and needs only its own directory.

A method for each rule of `grammar/shell.lark`; simple commands and words have classes of their own, below this one.
Loops are bounded by counters of their own, functions call those defined before them, and `fuel` bounds the number of
commands. Everything is written to standard output and to files; standard error is free. `tests/fuzz/test_grammar.py`
runs them.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.support.grammar_commands import GrammarCommands
from tests.support.grammar_words import FILES, Choices

START = """\
a=1 b='b c' c=abc n=2 m=5; e=(x 'y z' 3) g=([3]=p [7]='q r'); declare -A h=([k]=v ['x y']=w); declare -n r=b
set -- A 'B C' D"""
QUIET = "while read -r l; do echo $l; echo e >&2; done"
END = 'echo "end $? $# $a $b $c $n" "${e[@]}" "${!g[@]}" "${h[k]-}"'
SHOPTS = ["nullglob", "dotglob", "nocasematch", "lastpipe", "inherit_errexit", "xpg_echo", "globstar", "nocaseglob"]
OPTIONS = ["-e", "-u", "-f", "-C", "-a", "-E", "-T", "-o pipefail", "-eu", "-eo pipefail", "-B"]
READS = ('while read -r l; do echo "$l"; done < <(', "mapfile -t e < <(")


class GrammarProgram(GrammarCommands):
    """One program."""

    def __init__(self, choices: Choices, fuel: int = 30) -> None:
        super().__init__(choices)
        self.fuel = fuel
        self.counter = 0
        self.using: set[str] = set()  # those that use files
        self.redirected = False  # the command made last, a compound one
        self.text = self.script()

    def fresh(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}{self.counter}"

    # ---- lists -------------------------------------------------------------------

    def script(self) -> str:
        parts = ["shopt -s extglob", START]
        if self.chance(30):
            parts.append(f"set {self.of(OPTIONS)}")
        if self.chance(20):
            parts.append(f"shopt -s {self.of(SHOPTS)}")
        if self.chance(30):
            parts.append(self.trap())
        parts += [self.statement(3) for _ in range(2 + self.below(4))]
        return "\n".join([*parts, END]) + "\n"

    def compound_list(self, depth: int) -> str:
        return "\n".join([self.statement(depth) for _ in range(1 + self.below(3))])

    def statement(self, depth: int) -> str:
        return self.and_or(depth) + self.one("", "", "", "", ";", " # and so on")

    def and_or(self, depth: int) -> str:
        text = self.pipeline(depth)
        while self.chance(18):
            text += f" {self.one('&&', '||')} {self.pipeline(depth - 1)}"
        return text

    def pipeline(self, depth: int) -> str:
        mark = "! " if self.chance(6) else ""
        if not self.chance(10) or depth < 1:
            text = self.command(depth)  # bash forgets the `!` of a compound command when a redirection fails
            return text if self.redirected else mark + text
        source = ("printf '%s\\n' «words»", "echo «words»", "{ echo b; echo a; }", "«builtin»")
        stages = [self.concurrent(lambda: self.pick(*source))]
        stages += [self.concurrent(lambda: self.filter(depth - 1)) for _ in range(1 + self.below(2))]
        return mark + self.one(" | ", " | ", f" | {QUIET} |& ").join(stages)

    def concurrent(self, make: Callable[[], str]) -> str:
        """What runs beside something else has files of its own, where no glob finds them: else either may be first."""
        places, functions = self.places, self.functions
        self.places = [f"../out/{self.fresh('')}{name}" for name in FILES]
        self.functions = [name for name in functions if name not in self.using]
        text = make()
        self.places, self.functions = places, functions
        return text

    def filter(self, depth: int) -> str:
        return self.isolated(
            depth,
            "while read -r l a; do {list}\ndone",
            'while IFS= read -r l; do echo "<$l>"; done',
            "{ read -r a b; {list}\nmapfile -t g; }",
            "( mapfile -t g; {list}\n)",
            "mapfile -t e",
            '{ mapfile -t g; echo ${#g[@]} "${g[@]}"; }',
        )

    def isolated(self, depth: int, *forms: str) -> str:
        """A list in a process of its own: break and return of what is outside do not reach out of it."""
        loops, calls, self.loops, self.calls = self.loops, self.calls, 0, 0
        functions = self.functions.copy()  # nor are the functions that it defines known outside of it
        form = self.of(forms)
        inside = self.compound_list(min(depth, 1)) if "{list}" in form else ""
        if inside.startswith("(") and form.startswith("$("):
            inside = f" {inside}"  # what begins with `$((` may be an expression (POSIX XCU 2.6.3)
        text = form.replace("{list}", inside)
        self.loops, self.calls, self.functions = loops, calls, functions
        return text

    # ---- commands ------------------------------------------------------------------

    def command(self, depth: int) -> str:
        self.fuel -= 1
        if depth <= 0 or self.fuel <= 0 or self.chance(45):
            text = self.simple_command()
            # not what redirects the shell, ends in a here-document, or shows what stands on standard error
            plain = "exec" not in text and "<<" not in text and ">&2" not in text
            text = f"{text} {self.redirect()}" if plain and self.chance(12) else text
            self.redirected = False
            return text
        text = self.compound(depth - 1)
        redirect = self.redirect() if self.chance(15) else ""
        # a process substitution that nobody reads may outlive the program in bash
        self.redirected = bool(redirect) and not text.startswith(READS)
        return f"{text} {redirect}" if self.redirected else text

    def compound(self, depth: int) -> str:
        rules = [self.if_clause, self.for_clause, self.while_clause, self.case_clause, self.brace_group, self.subshell]
        rules += [self.function_definition, self.for_arithmetic, self.select_clause, self.background, self.for_clause]
        rules += [self.function_definition, self.if_clause, self.process_substitution, self.coprocess]
        return rules[self.below(len(rules))](depth)

    def if_clause(self, depth: int) -> str:
        text = f"if {self.and_or(0)}; then {self.compound_list(depth)}\n"
        if self.chance(30):
            text += f"elif {self.conditional()}; then {self.compound_list(depth)}\n"
        return text + (f"else {self.compound_list(depth)}\nfi" if self.chance(50) else "fi")

    def conditional(self) -> str:
        return self.pick("[[ «condition» ]]", "(( «arithmetic» ))", "«test»", "[[ «condition» ]]", "«true|false»")

    def body(self, depth: int) -> str:
        self.loops += 1
        text = self.compound_list(depth)
        self.loops -= 1
        return text

    def for_clause(self, depth: int) -> str:
        words = f" in {self.words()}" if self.chance(40) else self.one(" in x y", "")
        head = f"for {self.one('a', self.fresh('k'))}{words}"
        if self.chance(10):
            return f"{head}; {{ {self.body(depth)}\n}}"
        return f"{head}; do {self.body(depth)}\ndone"

    def for_arithmetic(self, depth: int) -> str:
        k = self.fresh("k")
        return f"for (({k}=0{self.one('', ', n=1')}; {k}<{self.one('2', '3')}; {k}++)); do {self.body(depth)}\ndone"

    def while_clause(self, depth: int) -> str:
        k = self.fresh("k")
        head = self.one(
            f"{k}=0; while (({k}++ < 2))",
            f"{k}=3; until [ $(({k}--)) -le 1 ]",
            f"{k}=; while [[ $({k}+=x; echo ${k}) != xxx ]] && {k}+=x && [[ ${k} != xxx ]]",
        )
        return f"{head}; do {self.body(depth)}\ndone"

    def select_clause(self, depth: int) -> str:
        return f"select a in {self.words()}; do {self.body(depth)}\nbreak; done <<< {self.one('1', '2', '9', 'x')}"

    def case_clause(self, depth: int) -> str:
        items = []
        for _ in range(1 + self.below(3)):
            patterns = "|".join([self.pattern() for _ in range(1 + self.below(2))])
            items.append(
                f"{self.one('(', '')}{patterns}) {self.compound_list(depth)}\n{self.one(';;', ';;', ';&', ';;&')}"
            )
        return f"case {self.word()} in\n" + "\n".join(items) + "\nesac"

    def brace_group(self, depth: int) -> str:
        time = "" if self.inline else self.one("", "", "", "time ")  # bash takes `$(time { x=1; })` for an error
        return f"{time}{{ {self.compound_list(depth)}\n}}"

    def subshell(self, depth: int) -> str:
        return self.isolated(depth, "( {list}\n)")

    def background(self, depth: int) -> str:
        """In a group: behind `&&` another shell would wait, in vain, and a redirection would be for `wait` alone."""
        return self.isolated(depth, "{ { {list}\n} & wait $!; }") if self.chance(50) else "(exit 4) & wait $!; echo $?"

    def process_substitution(self, depth: int) -> str:
        return self.isolated(0, f"{READS[0]}{{list}}\n)", f"{READS[1]}{{list}}\n)")

    def coprocess(self, depth: int) -> str:
        name = self.fresh("C")
        # it waits for a second line, since bash forgets the descriptors of a coprocess as soon as that has ended
        text = f'coproc {name} {{ read -r l; echo "<$l>"; read -r l; }}; echo q >&"${{{name}[1]}}"; '
        return text + f'read -r a <&"${{{name}[0]}}"; echo >&"${{{name}[1]}}"; wait ${{{name}_PID-}}; echo $a'

    def function_definition(self, depth: int) -> str:
        name = self.fresh("fn")
        loops, self.loops = self.loops, 0
        self.calls += 1
        uses = self.uses
        local = self.pick(
            "local a=$1 u",
            "local -a e=(«words»)",
            "local -i n=1+1",
            "local -A h=([k]=«value»)",
            "local -n r=c",
            ":",
            ":",
        )
        inside = f"{local}\n{self.compound_list(depth)}"
        self.calls -= 1
        self.loops = loops
        forms = [f"{name}() {{ {inside}\n}}", f"function {name} {{ {inside}\n}}", f"{name} () ( {inside}\n)"]
        text = self.of(forms) + (f" {self.redirect()}" if self.chance(10) else "")
        self.functions.append(name)
        if self.uses > uses:
            self.using.add(name)
        return f"{text}\n{self.call()}"

    def call(self) -> str:
        before, name = self.one("", "", "x=9 ", "a=tmp "), self.of(self.functions)
        self.uses += name in self.using
        return f"{before}{name} {self.words()}"

    def command_substitution(self, quoted: bool = True) -> str:
        if self.inline or self.fuel <= 0:
            return self.one("$(echo s)", "`echo s`", "$(exit 3)", "$(echo 'a  b'; echo)")
        self.inline += 1
        self.depth -= 2
        text = self.isolated(1, "$({list}\n)")
        self.depth += 2
        self.inline -= 1
        return f'"{text}"' if quoted and self.chance(50) else text
