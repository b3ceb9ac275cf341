"""``python -m dss_widgets``: the command line without the console script."""

import sys

from dss_widgets.cli import main

if __name__ == "__main__":
    sys.exit(main())
