"""Hansard in XML → turns: TheyWorkForYou's, the digitised historic one, Akoma Ntoso.

Only tells by the root which of them a file is.
"""

from indexer.formats import akoma, historic, publicwhip
from indexer.formats.blocks import Draft
from indexer.formats.xmltree import root_tags


def read(data: bytes, source: str) -> Draft:
    """The draft of a Hansard file. Raises TranscriptError where it is not well-formed."""
    root = next(iter(root_tags(data)), "")
    if root == "akomantoso":
        return akoma.read(data, source)
    if root == "publicwhip":
        return publicwhip.read(data, source)
    return historic.read(data, source)
