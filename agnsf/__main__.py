# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Run the command line as ``python -m agnsf``."""

from agnsf.cli import main

if __name__ == "__main__":
    main()
