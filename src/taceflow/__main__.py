"""`python -m taceflow`."""

import sys

from taceflow.program.command import main

sys.exit(main())
