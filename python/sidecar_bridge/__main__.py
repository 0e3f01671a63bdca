"""`python -m sidecar_bridge`: see `python -m sidecar_bridge --help`."""

import sys

from sidecar_bridge._cli import main

sys.exit(main())
