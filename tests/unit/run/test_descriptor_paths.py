"""The names of process substitutions."""

from __future__ import annotations

import os

from msh.run.substitutions import descriptor_path


def test_an_open_descriptor_has_the_name_that_bash_gives_it() -> None:
    fd = os.open("/dev/null", os.O_RDONLY)
    try:
        assert descriptor_path(fd) == f"/dev/fd/{fd}"
    finally:
        os.close(fd)


def test_where_dev_has_no_name_for_it_proc_has() -> None:
    assert descriptor_path(999_999) == "/proc/self/fd/999999"
