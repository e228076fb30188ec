"""Every code that msh can print has a page and is shown by a test; no page is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import msh

ROOT = Path(msh.__file__).parent.parent
PAGES = ROOT / "docs/diagnostics"
CODE = re.compile(r"\bMSH\d{3}\b")


def raised() -> dict[str, str]:
    """The codes that are a whole string in the package: those it can print, not those its texts mention."""
    found = {}
    for path in sorted((ROOT / "msh").rglob("*.py")):
        found |= dict.fromkeys(re.findall(r"[\"'](MSH\d{3})[\"']", path.read_text()), str(path.relative_to(ROOT)))
    return found


def shown() -> set[str]:
    """The codes that cases and tests name."""
    files = [*ROOT.glob("tests/cases/**/*.test.sh"), *ROOT.glob("tests/**/test_*.py")]
    return {code for path in files for code in CODE.findall(path.read_text("utf-8", "surrogateescape"))}


USED = raised()
SHOWN = shown()
PAGE_CODES = sorted(path.stem for path in PAGES.glob("MSH*.md"))


@pytest.mark.parametrize("code", sorted(USED))
def test_a_code_has_a_page(code: str) -> None:
    assert code in PAGE_CODES, f"{USED[code]} uses {code}: write docs/diagnostics/{code}.md"


@pytest.mark.parametrize("code", sorted(USED))
def test_a_code_is_shown_by_a_test(code: str) -> None:
    assert code in SHOWN, f"{USED[code]} uses {code}: add a case to tests/cases"


@pytest.mark.parametrize("code", PAGE_CODES)
def test_a_page_is_used_and_says_what_to_do(code: str) -> None:
    assert code in USED, f"nothing in msh/ prints {code}: delete its page"
    page = (PAGES / f"{code}.md").read_text()
    assert re.match(rf"# {code}: [^\n]+\n\n[^\n]", page), "the first line is `# CODE: title`"
    assert "```" in page, "a page has an example"
    assert "**Cure.**" in page, "a page says what to do"
