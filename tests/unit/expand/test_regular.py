"""Both engines of `=~` on the same expressions, and what guards the C library's."""

from __future__ import annotations

import pytest

from msh.expand.regular import BadExpression
from msh.expand.regular_libc import LibcExpression, engine
from msh.expand.regular_python import PythonExpression

ENGINES = ["libc", "python"]


def search(which: str, expression: str, text: str, *, by_bytes: bool = False) -> list[str] | None:
    """The groups by one engine."""
    segments = [(expression, False)]
    if which == "python":
        return PythonExpression(segments, nocase=False, by_bytes=by_bytes).search(text)
    libc = engine()
    assert libc is not None, "this machine's C library has no regcomp"
    names = ("C", "C") if by_bytes else ("C.UTF-8", "C.UTF-8")
    return LibcExpression(libc, segments, nocase=False, locales=names, by_bytes=by_bytes).search(text)


@pytest.mark.parametrize("which", ENGINES)
def test_engines_agree(which: str) -> None:
    assert search(which, "ab|abcd", "xabcd") == ["abcd"]
    assert search(which, "(a)(x)?([0-9]+)", "ba12") == ["a12", "a", "", "12"]
    assert search(which, "^b", "ab") is None
    assert search(which, "ä(.)", "xäö") == ["äö", "ö"]
    assert search(which, "^..(.)$", "aä", by_bytes=True) == ["aä", "\udca4"]


@pytest.mark.parametrize("which", ENGINES)
@pytest.mark.parametrize("expression", ["(", "[", "a{2,1}", "a*\\", "(a)\\2"])
def test_a_bad_expression_is_refused(which: str, expression: str) -> None:
    with pytest.raises(BadExpression):
        search(which, expression, "a")


def test_deep_parentheses_do_not_exhaust_the_stack_of_the_c_library() -> None:
    """glibc recurses for each; 20,000 end bash with a segmentation fault."""
    assert search("libc", "(" * 900 + "a" + ")" * 900, "a") == ["a"] * 901
    with pytest.raises(BadExpression, match="1000 deep"):
        search("libc", "(" * 20_000 + "a" + ")" * 20_000, "a")


def test_a_locale_that_is_not_installed_still_has_characters() -> None:
    libc = engine()
    assert libc is not None
    expression = LibcExpression(libc, [("^.$", False)], nocase=False, locales=("xx_YY.UTF-8", "xx_YY"), by_bytes=False)
    assert expression.search("ä") == ["ä"]
