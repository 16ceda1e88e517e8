"""The article of a page → lines: what a reader sees as one, with the marks that stand on it.

A line ends with its paragraph, at `<br>`, or where the markup names another speaker. Which
marks are believed is decided in `html`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from indexer.formats.blocks import Dropped, Kind
from indexer.formats.html_marks import (
    is_bold,
    is_explicit,
    is_letterspaced,
    named_in_data,
    read_clock,
    speaker_cells,
    take_clock,
    terms_are_speakers,
)
from indexer.formats.html_tree import BLOCK_TAGS, Node, text_of
from indexer.formats.plain import WRAP_WIDTH
from indexer.formats.plain import read_blocks as read_plain
from indexer.labels import read_label
from indexer.transcript import fold

_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 legend summary".split())
_SENTENCE_END = re.compile(r"[.!?…。！？؟][\"'”’»)\]]*\s*$")
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0xFEFF))
