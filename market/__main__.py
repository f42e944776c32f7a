"""`python -m market VERB` is the same as `market VERB`."""

import sys

from market.cli import main

sys.exit(main())
