"""Coverage-guided fuzzing of one parser with atheris: any exception but ours, any stall, is a find.

    python -m evaluation.fuzz FORMAT CORPUS [libFuzzer options, as -max_total_time=360]

Seeds are what `evaluation.syntaxes` writes, and what already lies in CORPUS. Finds are written to
the working folder as libFuzzer does (crash-…, timeout-…). atheris is not in the lock:
`pip install atheris`.
"""

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from indexer.transcript import Role, fold


@dataclass(frozen=True, slots=True)
class _Seed:
    speaker: str
    role: Role | None
    text: str


_TALK = (
    _Seed("Ann Berg", Role.QUESTION, "When did the bridge open?"),
    _Seed("Bo Lund", Role.ANSWER, "In May. It rained [laughter] “all day”."),
    _Seed("Ann Berg", Role.QUESTION, "And – why? 1:23"),
)


def write_seeds(format_name: str, corpus: Path) -> None:
    """Small well-formed files of the format, for the fuzzer to begin with."""
    from evaluation.syntaxes import SYNTAXES

    corpus.mkdir(parents=True, exist_ok=True)
    for n, syntax in enumerate(SYNTAXES):
        if syntax.format == format_name:
            (corpus / f"seed-{n}").write_bytes(syntax.write(_TALK))


def main() -> None:
    format_name, corpus = sys.argv[1], Path(sys.argv[2])
    write_seeds(format_name, corpus)
    import atheris

    with atheris.instrument_imports(include=["indexer"]):
        from indexer.errors import TranscriptError
        from indexer.formats import FORMATS, parse

        suffix = FORMATS[format_name].suffixes[0]
        # Import the reader and its libraries before the first input is timed.
        with suppress(TranscriptError):
            parse(b"x", f"fuzz{suffix}", format_name=format_name)

    def one_input(data: bytes) -> None:
        with suppress(TranscriptError):
            transcript = parse(data, f"fuzz{suffix}", format_name=format_name).transcript
            texts = [paragraph.text for paragraph in transcript.paragraphs()]
            if any(text != fold(text) or not text for text in texts):
                raise AssertionError("a paragraph is empty or not folded")

    atheris.Setup([sys.argv[0], *sys.argv[3:], str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
