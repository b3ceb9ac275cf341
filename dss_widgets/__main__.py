"""``python -m dss_widgets``: the command line without the console script."""

import sys

if __name__ == "__main__":
    try:
        from dss_widgets.cli import main
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    sys.exit(main())
