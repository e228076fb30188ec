"""`python -m msh`"""

from __future__ import annotations

import sys

from msh.cli import main

sys.exit(main())
