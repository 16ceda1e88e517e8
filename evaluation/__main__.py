"""`python -m evaluation DATASET…`: the same as `onrecord eval DATASET…`."""

import sys

from evaluation.cli import main

if __name__ == "__main__":
    sys.exit(main(["eval", *sys.argv[1:]]))
