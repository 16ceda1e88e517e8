"""What there is to index: folders, zip archives, and the metadata beside a file."""

import datetime as dt
import os
import stat
import zipfile
from pathlib import Path

import pytest

from evaluation.samples import Silent
from indexer.archives import Archive
from indexer.errors import TranscriptError
from indexer.formats import MAX_FILE_BYTES
from indexer.indexing import Status, index_paths
from indexer.library import Library
from indexer.sources import find_sources, kept_open
from tests.fakes import FakeEmbedder

GOOD = "Ann Berg: One.\n\nBo Lund: Two.\n\nAnn Berg: Three.\n"
META = '{"title": "A talk", "date": "2024-02-03", "language": "nb", "speakers": ["Ann Berg"]}'


def pack(path: Path, members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of the members, in their order."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "talks"
    path.mkdir()
    return path


@pytest.fixture
def index(tmp_path: Path):
    """Indexes paths; gives outcomes by what is shown, below the temporary folder."""
    embedder = FakeEmbedder()
    with Library.open(tmp_path / "library", create=True) as library:
        library.bind(embedder)

        def run(*paths: Path, **options):
            outcomes = index_paths(library, embedder, paths, Silent(), **options)
            return {os.path.relpath(outcome.path, tmp_path): outcome for outcome in outcomes}

        run.library = library
        yield run


def statuses(outcomes) -> dict[str, str]:
    return {name: outcome.status.value for name, outcome in outcomes.items()}


def test_members_of_a_zip_are_sources_by_a_name_of_their_own(folder):
    """In the order of their names; the archive is not unpacked."""
    path = pack(folder / "all.zip", {"b.txt": GOOD, "day/a.txt": GOOD * 2})
    sources, passed = find_sources([folder])
    assert passed == []
    assert [(one.shown, one.identity, one.name, one.size) for one in sources] == [
        (f"{path}!/b.txt", f"{path}!/b.txt", "b.txt", len(GOOD)),
        (f"{path}!/day/a.txt", f"{path}!/day/a.txt", "a.txt", 2 * len(GOOD)),
    ]
    assert sources[0].read() == GOOD.encode()
    assert [one.read() for one in kept_open(sources)] == [GOOD.encode(), GOOD.encode() * 2]
    assert find_sources([path])[0] == sources
    assert list(folder.iterdir()) == [path]


def test_an_archive_is_known_by_its_real_path(folder, tmp_path):
    """Through a link it is the same archive; both together are read once."""
    path = pack(folder / "all.zip", {"a.txt": GOOD})
    (folder / "link.zip").symlink_to("all.zip")
    sources, _ = find_sources([folder])
    assert [one.identity for one in sources] == [f"{path}!/a.txt"]


def test_members_that_are_no_transcripts_are_named_with_the_reason(folder):
    """Each by its own name in the archive; what the Finder adds is not worth a word."""
    link = zipfile.ZipInfo("link.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (
            "a.txt", "../up.txt", "/abs.txt", "C:\\win.txt", ".hidden.txt", "README.md", "x.jpg",
            "in.zip", "__MACOSX/._a.txt", ".git/a.txt", "orphan.meta.json", "sub\\..\\..\\up.txt",
        ):  # fmt: skip
            archive.writestr(name, GOOD)
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.txt", bytes(10**7))
        archive.writestr("odd.txt", GOOD, zipfile.ZIP_BZIP2)
        archive.writestr("large.txt", os.urandom(2**16) * 1025)
    sources, passed = find_sources([path])
    assert [one.member for one in sources] == ["a.txt"]
    assert {one.shown.removeprefix(f"{path}!/"): one.reason for one in passed} == {
        "../up.txt": "its name leads out of the archive",
        "/abs.txt": "its name leads out of the archive",
        "C:\\win.txt": "its name leads out of the archive",
        "sub\\..\\..\\up.txt": "its name leads out of the archive",
        ".hidden.txt": "hidden",
        "README.md": "not a transcript, by its name",
        "x.jpg": "format not known",
        "in.zip": "an archive in an archive is not opened",
        "orphan.meta.json": "metadata without a file that it belongs to",
        "link.txt": "is not a file",
        "bomb.txt": "would inflate like a zip bomb",
        "odd.txt": "is packed in a way that is not read here: use deflate",
        "large.txt": "is over 64 MiB",
    }
    assert not any(one.failed for one in passed)


def declare(data: bytes, old: int, new: int) -> bytes:
    """The zip with another size declared, in the members' heads and in the directory."""
    return data.replace(old.to_bytes(4, "little"), new.to_bytes(4, "little"))


def test_a_member_never_inflates_to_more_than_it_declares(tmp_path):
    """A lie about the size is seen when it is read, and no more was held than was declared."""
    path = pack(tmp_path / "lie.zip", {"a.txt": bytes(10**7)})
    path.write_bytes(declare(path.read_bytes(), 10**7, 10**5))
    (source,) = find_sources([path])[0]
    assert source.size == 10**5
    with pytest.raises(TranscriptError, match=r"lie\.zip!/a\.txt: is damaged in the archive"):
        source.read()


def test_members_that_lie_over_one_another_are_a_bomb(tmp_path):
    """All of them together inflate to more than the archive could honestly hold."""
    data = pack(tmp_path / "one.zip", {"aaaa.txt": b"x" * 10**6}).read_bytes()
    at = data.index(b"PK\1\2")
    end = data.index(b"PK\5\6")
    entry, tail = data[at:end], data[end:]
    entries = b"".join(entry.replace(b"aaaa", b"%04d" % n) for n in range(300))
    count, size = (300).to_bytes(2, "little"), len(entries).to_bytes(4, "little")
    path = tmp_path / "many.zip"
    path.write_bytes(data[:at] + entries + tail[:8] + count * 2 + size + tail[16:])
    with pytest.raises(TranscriptError, match="would inflate like a zip bomb"):
        Archive(path).members()


def test_a_member_without_a_name_is_passed_over(tmp_path):
    """Some tool, or somebody, made it so."""
    path = pack(tmp_path / "all.zip", {"\1.txt": GOOD, "b.txt": GOOD})
    path.write_bytes(path.read_bytes().replace(b"\1.txt", b"\0.txt"))
    sources, passed = find_sources([path])
    assert [one.member for one in sources] == ["b.txt"]
    assert [(one.shown, one.reason) for one in passed] == [(f"{path}!/", "format not known")]


def test_a_directory_of_absurd_size_is_not_read(tmp_path, monkeypatch):
    """The standard library would read it whole."""
    path = pack(tmp_path / "all.zip", {f"{n:0200}.txt": "" for n in range(50)})
    monkeypatch.setattr("indexer.archives.MAX_DIRECTORY_BYTES", 10**4)
    with pytest.raises(TranscriptError, match="too many files"):
        Archive(path).members()


def test_a_broken_archive_fails_and_the_rest_goes_on(folder, index):
    """Cut off, no archive at all, a member whose bytes were changed."""
    whole = pack(folder / "whole.zip", {"a.txt": GOOD}).read_bytes()
    (folder / "cut.zip").write_bytes(whole[:-10])
    (folder / "text.zip").write_text(GOOD)
    stored = pack(folder / "bits.zip", {"b.txt": GOOD}, zipfile.ZIP_STORED)
    stored.write_bytes(stored.read_bytes().replace(b"Three", b"Seven"))
    outcomes = index(folder)
    assert statuses(outcomes) == {
        "talks/cut.zip": "failed",
        "talks/text.zip": "failed",
        "talks/whole.zip!/a.txt": "indexed",
        "talks/bits.zip!/b.txt": "failed",
    }
    reason = "is no zip archive, or one that is damaged or cut off"
    assert outcomes["talks/cut.zip"].reason == f"{folder}/cut.zip: {reason}"
    assert outcomes["talks/bits.zip!/b.txt"].reason == (
        f"{folder}/bits.zip!/b.txt: is damaged in the archive"
    )


def test_an_archive_that_vanishes_fails_alone(folder, index, monkeypatch):
    """Between the walk and the reading."""
    path = pack(folder / "all.zip", {"a.txt": GOOD})
    (folder / "b.txt").write_text(GOOD)
    find = find_sources

    def find_and_lose(*args, **options):
        found = find(*args, **options)
        path.unlink()
        return found

    monkeypatch.setattr("indexer.indexing.find_sources", find_and_lose)
    outcomes = index(folder)
    assert statuses(outcomes) == {"talks/all.zip!/a.txt": "failed", "talks/b.txt": "indexed"}
    assert "no such file" in outcomes["talks/all.zip!/a.txt"].reason


def test_members_are_indexed_again_only_when_they_change(folder, index):
    """And removed by --prune when they are gone from the archive, or it is."""
    path = pack(folder / "all.zip", {"a.txt": GOOD, "b.txt": GOOD})
    assert set(statuses(index(folder)).values()) == {"indexed"}
    assert [(one.id, one.source) for one in index.library.transcripts()] == [
        ("a", "a.txt"),
        ("b", "b.txt"),
    ]
    pack(path, {"a.txt": GOOD, "b.txt": f"{GOOD}\nBo Lund: Four.\n"})
    assert statuses(index(path)) == {
        "talks/all.zip!/a.txt": "unchanged",
        "talks/all.zip!/b.txt": "indexed",
    }
    pack(path, {"b.txt": f"{GOOD}\nBo Lund: Four.\n"})
    assert statuses(index(path)) == {"talks/all.zip!/b.txt": "unchanged"}
    assert statuses(index(path, prune=True))["talks/all.zip!/a.txt"] == "removed"
    path.unlink()
    assert statuses(index(folder, prune=True)) == {"talks/all.zip!/b.txt": "removed"}


def test_prune_spares_what_is_there_but_cannot_be_read(folder, index):
    """A damaged archive, and files that are passed over now, have not vanished."""
    path = pack(folder / "all.zip", {"a.txt": GOOD})
    (folder / "odd").write_text(GOOD)
    index(folder, folder / "odd")
    path.write_bytes(path.read_bytes()[:-10])
    outcomes = index(folder, prune=True)
    assert statuses(outcomes) == {"talks/all.zip": "failed", "talks/odd": "skipped"}
    assert [one.id for one in index.library.transcripts()] == ["a", "odd"]


def test_many_members_are_read_in_one_go(folder, index):
    """The directory is not read anew for each (a stall would hang here)."""
    pack(folder / "all.zip", {f"{n}.txt": GOOD for n in range(1500)}, zipfile.ZIP_STORED)
    sources, _ = find_sources([folder])
    assert sum(len(one.read()) for one in kept_open(sources)) == 1500 * len(GOOD)


def test_large_files_of_a_folder_are_passed_over(folder):
    """They are named; nothing of them is read."""
    with (folder / "large.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    sources, passed = find_sources([folder])
    assert sources == []
    assert [(one.shown, one.reason) for one in passed] == [
        (f"{folder}/large.txt", "over 64 MiB: split it")
    ]


@pytest.mark.parametrize("name", ["talk.txt.meta.json", "talk.meta.json"])
def test_metadata_beside_a_file_override_what_is_found_in_it(folder, index, name):
    """Title, date, language, full names of speakers; the file itself is no transcript."""
    talk = "Other title\n\n3 May 2023\n\nBerg: One.\n\nBo Lund: Two.\n\nBerg: Three.\n"
    (folder / "talk.txt").write_text(talk)
    (folder / name).write_text(META)
    assert statuses(index(folder)) == {"talks/talk.txt": "indexed"}
    found = index.library.transcript("talk")
    assert (found.title, found.date, found.language, found.source) == (
        "A talk",
        dt.date(2024, 2, 3),
        "nb",
        "talk.txt",
    )
    assert [turn.speaker.name for turn in found.turns] == ["Ann Berg", "Bo Lund", "Ann Berg"]


def test_the_file_s_whole_name_goes_before_its_stem(folder, index):
    """talk.txt.meta.json is of talk.txt alone, talk.meta.json of all talks."""
    (folder / "talk.txt").write_text(GOOD)
    (folder / "talk.md").write_text(GOOD)
    (folder / "talk.txt.meta.json").write_text('{"title": "The one"}')
    (folder / "talk.meta.json").write_text('{"title": "All"}')
    index(folder)
    assert sorted(one.title for one in index.library.transcripts()) == ["All", "The one"]


def test_metadata_in_an_archive_are_those_of_the_member_beside(folder, index):
    """In the same folder of the archive."""
    members = {"day/talk.txt": GOOD, "day/talk.meta.json": META, "other/talk.txt": GOOD}
    pack(folder / "all.zip", members)
    assert len(index(folder)) == 2
    assert sorted(one.title for one in index.library.transcripts()) == ["A talk", "talk"]


def test_changed_metadata_index_the_file_again(folder, index):
    """Added, changed, removed."""
    (folder / "talk.txt").write_text(GOOD)
    meta = folder / "talk.meta.json"
    titles = []
    for text in (None, '{"title": "First"}', '{"title": "Second"}', None):
        meta.unlink(missing_ok=True)
        if text:
            meta.write_text(text)
        assert index(folder)["talks/talk.txt"].status is Status.INDEXED
        assert index(folder)["talks/talk.txt"].status is Status.UNCHANGED
        titles += [one.title for one in index.library.transcripts()]
    assert titles == ["talk", "First", "Second", "talk"]


def test_an_address_in_the_metadata_is_the_source(folder, index):
    """It says better than the file's name where the words are from."""
    (folder / "talk.txt").write_text(GOOD)
    (folder / "talk.meta.json").write_text('{"url": "https://talks.example/1"}')
    index(folder)
    assert index.library.transcript("talk").source == "https://talks.example/1"


def test_a_field_that_is_not_known_is_a_warning(folder, index):
    """It is perhaps misspelt."""
    (folder / "talk.txt").write_text(GOOD)
    (folder / "talk.meta.json").write_text('{"speaker": "Ann"}')
    assert index(folder)["talks/talk.txt"].warnings == (
        "talk.meta.json: field 'speaker' is not known, only title, date, url, language, speakers",
    )


def test_metadata_named_on_the_command_line_are_passed_over(folder, index):
    """As `onrecord index *` names them."""
    (folder / "talk.txt").write_text(GOOD)
    (folder / "talk.meta.json").write_text(META)
    outcomes = index(folder / "talk.txt", folder / "talk.meta.json")
    assert statuses(outcomes) == {"talks/talk.txt": "indexed", "talks/talk.meta.json": "skipped"}


def test_a_given_format_reads_the_file_again(folder, index):
    """And the same one does not."""
    talk = folder / "talk.txt"
    talk.write_text("**Ann:** *One.*\n\n**Bo:** Two.\n")
    index(talk)
    assert index(talk, format_name="markdown")["talks/talk.txt"].status is Status.INDEXED
    assert index(talk, format_name="markdown")["talks/talk.txt"].status is Status.UNCHANGED
    assert index.library.transcript("talk").turns[0].text == "One."


def test_a_format_is_given_to_single_files_only(folder, index):
    """In a folder or an archive there may be others."""
    pack(folder / "all.zip", {"a.txt": GOOD})
    for path in (folder, folder / "all.zip"):
        with pytest.raises(TranscriptError, match="named one by one"):
            index(path, format_name="text")
