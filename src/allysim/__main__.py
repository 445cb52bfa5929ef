"""``python -m allysim`` is the command line."""

import sys

from allysim.cli import main

if __name__ == "__main__":
    sys.exit(main())
