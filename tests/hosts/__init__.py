"""Other hosts than the one at hand, as virtual machines: `./dev hosts` (docs/hosts.md)."""
