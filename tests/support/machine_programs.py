"""Random shell programs whose control flow becomes states: what `tests/fuzz/test_machine.py` compiles and runs.

As `programs.py`, but with external commands everywhere, so that conditions, loops and lists have something that is
worth a task of its own; files and variables go from one statement to the next, and scripts end early.
"""

from __future__ import annotations

from tests.support.programs import FILES, PATTERNS, Program

LINES = [
    "b\\na\\n",
    "x 1\\ny 2\\nx 3\\n",
    "only",
    "",
    "a:b\\nc:d\\n",
    "q  r\\n\\nz\\n",
    "\\303\\251\\n\\377\\n",
    "b c\\n* f?\\n",
]


class MachineProgram(Program):
    """One program: `MachineProgram(seed).text`."""

    def program(self) -> str:
        parts = ["a=1 b='b c' c=abc n=2; e=(x 'y z' 3)"]
        if self.chance(35):
            parts.append(self.one("set -e", "set -e", "set -u", "set -o pipefail", "set -eu", "set -eo pipefail"))
        if self.chance(20) and not parts[-1].startswith(("set -u", "set -eu")):  # see `Spoiled` in test_machine.py
            parts.append(f"trap '{self.one('echo trap $?', 'sort f1', 'cat f2; exit 5', 'echo $b; rm -f f1')}' EXIT")
        for file in self.random.sample(FILES, self.random.randint(1, 3)):
            parts.append(f"printf '{self.random.choice(LINES)}' > {file}")
        parts += [self.statement(2) for _ in range(self.random.randint(3, 6))]
        parts.append('echo "end $? $a $b $c ${e[*]} ${g[*]-} $#"; cat f1 f2 f3')
        return "\n".join(parts) + "\n"

    # ---- commands ------------------------------------------------------------

    def simple(self) -> str:
        kind = self.random.randrange(20)
        if kind < 9:
            return self.external()
        if kind < 11:
            return self.taken()
        if kind < 13:
            return self.one("echo s $?", 'echo "$? $a"', 'printf "%s|" $? "$b" "${e[@]}"; echo', "echo $((n += 1))")
        if kind < 14:
            return self.ending()
        return super().simple()

    def external(self) -> str:
        return self.pick(
            "sort @files@ > @files@.s; mv @files@.s @files@",
            "sort @files@",
            "cat @files@ @files@",
            "tr a-z A-Z < @files@",
            "wc -l < @files@",
            "grep @one:a|x|-c .|-v b|-n ''@ @files@",
            "head -n @one:1|2|$n@ @files@",
            "sed @one:s/a/Z/|1d|-n 2p@ @files@",
            "awk '{ print NR, $1 }' @files@",
            "cp @files@ @files@",
            "rm -f @files@",
            "printf '%s\\n' @words@ | sort | uniq -c",
            "printf '%s\\n' @word@ | tee @files@",
            "printf '%s\\n' @words@ >> @files@",
            "echo @word@ | tr a-z A-Z >> @files@",
            "seq @one:1|3|$n@ > @files@",
            'seq 3 | while read -r l; do echo "<$l>"; done',
            "cut -d: -f1 @files@ | sort -u",
            "ls @files@ 2>/dev/null",
            "mkdir -p d; echo in > d/f1; cat d/f1; rm -r d",
            "env printf '%s\\n' \"$c\"",
            "expr 1 + @one:1|0|-1@",
            "comm @files@ @files@ 2>/dev/null",
            "sleep 0",
            "sleep 0.0@one:1|2@",
            "sleep $((n - n))",
            "(sort @files@; exit @one:0|3@)",
            "{ cat @files@; echo x; } | wc -l",
            "fold -w 2 @files@",
        )

    def taken(self) -> str:
        """A value that comes from a command."""
        return self.pick(
            "@names@=$(sort @files@)",
            "@names@=$(cat @files@ | wc -l)",
            "n=$(wc -l < @files@)",
            "e=($(cat @files@))",
            "read -r a b < @files@",
            "a=$(grep -c @one:a|x@ @files@) || echo none",
            "mapfile -t g < @files@",
            "b=$(head -n 1 @files@; exit @one:0|2@)",
            "c+=$(printf x)",
            "export c=$(tail -n 1 @files@)",
            "declare -A m=([k]=$(echo v | tr a-z A-Z)); echo ${m[k]}",
        )

    def ending(self) -> str:
        choices = ["false", "grep -q zzz f1", "(exit 3)", "true", "! true", "[ -s f1 ]", "ls nothing 2>/dev/null"]
        choices += ["exit", "exit 3", "set -e", "set +e"] if self.chance(40) else []
        if self.loops:
            choices += [self.one("break", "continue")] * 3
        if self.calls:
            choices += ["return", "return 4"]
        return self.one(*choices)

    def test(self) -> str:
        if self.chance(35):
            return super().test()
        return self.pick(
            "grep -q @one:a|x|zzz|.@ @files@",
            "sort @files@ | grep -q b",
            "paste @files@ @files@ | grep -q x",
            "ls @files@ > /dev/null 2>&1",
            "expr $n '>' @one:1|2@ > /dev/null",
            'test -n "$(cat @files@)"',
            "head -c 1 @files@ | grep -q .",
            "(cat @files@; false)",
            "tr -d a < @files@ > @files@.t && rm @files@.t",
        )

    def statement(self, depth: int, separator: str = "\n") -> str:
        if self.chance(12):
            first, second = (self.one(self.external(), self.test(), self.taken()) for _ in range(2))
            last = self.one(self.external(), "echo or", "exit 4" if self.chance(20) else "echo no")
            if ";" not in first + second + last:
                return f"{first} {self.one('&&', '||')} {second} {self.one('&&', '||')} {last}"
        return super().statement(depth, separator)

    def loop(self, depth: int, s: str) -> str:
        if self.chance(35):
            return super().loop(depth, s)
        name = self.fresh("k")
        head, start = self.random.choice(
            [
                (f"for {name} in a 'b c' d; do ", f"echo ${name} | tr a-z A-Z"),
                (f"for {name} in {self.words()}; do ", f'printf "%s\\n" "${name}" | sort'),
                (f"for {name} in f*; do ", f'wc -c < "${name}"'),
                (f"for {name} in $(cat {self.one(*FILES)} | head -n 3); do ", f'echo "${name}" >> {self.one(*FILES)}'),
                (f"for {name} in $(seq 3); do ", f"seq ${name} | wc -l"),
                (f'for {name} in "${{e[@]}}"; do ', f'a="$a${name}"'),
                (f"{name}=0; while [ ${name} -lt 3 ]; do ", f"{name}=$(expr ${name} + 1)"),
                (f"{name}=; until [ ${{#{name}}} -ge 2 ]; do ", f"{name}=x${name}; echo ${name} | tr x y"),
                (f"printf '1\\n2\\n' > w; while read -r {name}; do ", f"echo r${name} | cat"),
            ]
        )
        self.loops += 1
        body = self.list(min(depth, 1), s) if self.chance(60) else "true"
        self.loops -= 1
        end = " < w" if "read -r" in head else ""
        return f"{head}{start}{s}{body}{s}done{end}"

    def case(self, depth: int, s: str) -> str:
        if self.chance(40):
            return super().case(depth, s)
        word = self.pick("$(head -n 1 @files@)", "$(wc -l < @files@)", '"$a"', "$?", '"$(sort @files@ | tail -n 1)"')
        items = ""
        for pattern in self.random.sample(["a*", "0", "[1-9]", "b", "*' '*", "''", self.one(*PATTERNS) or "''"], 2):
            items += f"({pattern}) {self.list(depth, s)} {self.one(';;', ';;', ';;', ';&')} "
        items += f"(*) {self.external()} ;; " if self.chance(50) else ""
        return f"case {word} in {items}esac".replace("\n ;", "\n;")

    def function(self, depth: int, s: str) -> str:
        if self.chance(40):
            return super().function(depth, s)
        name = self.fresh("fn")
        loops, self.loops = self.loops, 0
        self.calls += 1
        local = f'local a=$1 l; l=$(echo "$a" | tr a-z A-Z); echo $l{s}' if self.chance(50) else ""
        text = f"{name}() {{ {local}{self.external()}{s}{self.list(depth, s)}{s}}}"
        self.calls -= 1
        self.loops = loops
        self.functions.append(name)
        guard = self.one("", "", "if ", "! ")
        call = f"{guard}{self.call()}"
        return f"{text}{s}{call}{'; then echo yes; else echo no $?; fi' if guard == 'if ' else ''}"
