"""`python -m bouclier`: the same as the `bouclier` command."""

import sys

from bouclier.cli import main

sys.exit(main())
