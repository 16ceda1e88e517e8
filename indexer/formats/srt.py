"""SubRip (.srt) → draft: numbered cues, read as captions.

There is no standard: numbers, blank lines and times are taken as loosely as players take them.
"""

from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Metadata
from indexer.formats.captions import read_captions
from indexer.formats.cues import Slips, read_cues, split_lines
from indexer.formats.decoding import decode


def read(data: bytes, source: str) -> Draft:
    """The draft of a SubRip file. Raises TranscriptError where it has no captions."""
    text, warnings = decode(data, source)
    draft, slips = Draft(Metadata()), Slips()
    draft.warnings += warnings
    lines = enumerate(split_lines(text.lstrip("\ufeff")), start=1)
    cues = read_cues(lines, lambda _: None, draft, slips, numbered=True)
    if not any(cue.start_s is not None for cue in cues):
        reason = "holds no captions: there is no line like 00:00:01,000 --> 00:00:04,000 with words"
        raise TranscriptError(source, reason)
    return read_captions(cues, draft, slips)
