"""The documents keep up with the program."""

import re

import pytest

from evaluation.readme import README, block, with_block
from evaluation.samples import ROOT
from models.load import load_embedder
from service.app import create_app
from service.cli import cli
from service.settings import Settings

TEXT = README.read_text(encoding="utf-8")


def test_the_readme_opens_with_a_real_answer(tmp_path):
    """What `make readme` would write stands there already."""
    assert with_block(TEXT, block(tmp_path / "library", load_embedder())) == TEXT


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_in_the_readme(command):
    """Named as it is called."""
    assert re.search(rf"`(onrecord )?{command}\b", TEXT)


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme(field):
    """By the name of its variable."""
    assert f"`ONRECORD_{field.upper()}`" in TEXT


def test_every_operation_is_in_the_readme(open_answerer):
    """Method and path as OpenAPI has them."""
    operations = [
        f"{method.upper()} {path}"
        for path, methods in create_app(open_answerer, ["testserver"]).openapi()["paths"].items()
        for method in methods
    ]
    assert operations
    assert [operation for operation in operations if f"`{operation}" not in TEXT] == []


def test_every_make_target_explains_itself():
    """`make` alone lists each target that can be called."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    listed = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert sorted(listed) == sorted(phony)
