"""Laws of bundles: one spelling for one set of texts, and no text of which half could be another's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.charter_kit import files_of_charter, policy

from bouclier.charter import bundle_of, files_of, parse_charter
from bouclier.charter.bundle import MAX_BUNDLE_BYTES
from bouclier.terms.errors import CharterError

if TYPE_CHECKING:
    from random import Random

SEGMENTS = st.sampled_from(["a", "0", "packs", "socle", "charter.json", "a-b_c..d", "x" * 64])
PATHS = st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join)
TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
FILES = st.dictionaries(PATHS, TEXTS, max_size=5)


@given(FILES)
def test_reading_what_was_written_gives_the_same_texts(files: dict[str, str]) -> None:
    assert files_of(bundle_of(files)) == files


@given(FILES, st.randoms(use_true_random=False))
def test_the_order_in_which_files_are_found_changes_nothing(files: dict[str, str], random: Random) -> None:
    found = list(files.items())
    random.shuffle(found)
    assert bundle_of(dict(found)) == bundle_of(files)


@given(FILES, FILES)
def test_other_texts_have_another_bundle(some: dict[str, str], others: dict[str, str]) -> None:
    assert (bundle_of(some) == bundle_of(others)) == (some == others)


@given(FILES)
def test_another_spelling_of_the_same_texts_is_refused(files: dict[str, str]) -> None:
    bundle = bundle_of(files)
    said = json.loads(bundle)
    spellings = {
        json.dumps(said).encode(),
        json.dumps(said, indent=1).encode(),
        json.dumps({"format": said["format"], "files": said["files"]}, separators=(",", ":")).encode(),
        json.dumps({"files": dict(sorted(files.items(), reverse=True)), "format": said["format"]}).encode(),
        bundle + b"\n",
        b" " + bundle,
        b"\xef\xbb\xbf" + bundle,
        bundle.replace(b"files", b"\\u0066iles"),
        bundle.replace(b'{"files":{', b'{"files":{},"files":{', 1),
    }
    for spelling in spellings - {bundle}:
        with pytest.raises(CharterError) as caught:
            files_of(spelling)
        assert caught.value.param == "bundle"


@given(st.binary(max_size=60))
def test_no_bytes_whatever_do_anything_but_read_or_refuse(data: bytes) -> None:
    try:
        files = files_of(data)
    except CharterError:
        return
    assert bundle_of(files) == data


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/charter.json",
        "packs/",
        "packs//x",
        "../charter.json",
        "packs/../charter.json",
        "packs/./x",
        ".hidden",
        "packs/.x",
        "-x",
        "Charter.json",
        "charté.json",
        "a b",
        "a\\b",
        "a\n",
        "a\x00",
        "x" * 65,
        "a/b/c/d/e/f",
    ],
)
def test_a_path_that_could_mean_something_else_is_refused(path: str) -> None:
    with pytest.raises(CharterError):
        bundle_of({path: ""})
    spelled = json.dumps({"files": {path: ""}, "format": "bouclier-charter-bundle/v1"}, separators=(",", ":")).encode()
    with pytest.raises(CharterError):
        files_of(spelled)


@pytest.mark.parametrize(
    "bundle",
    [
        b"",
        b"{}",
        b"[]",
        b'{"files":{},"format":"bouclier-charter-bundle/v2"}',
        b'{"files":{},"format":"bouclier-charter-bundle/v1","more":1}',
        b'{"files":{"a":1},"format":"bouclier-charter-bundle/v1"}',
        b'{"files":[],"format":"bouclier-charter-bundle/v1"}',
        b'{"files":{"a":"\\ud800"},"format":"bouclier-charter-bundle/v1"}',
        b'{"files":{"a":"\xff"},"format":"bouclier-charter-bundle/v1"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_bundle_is_refused(bundle: bytes) -> None:
    with pytest.raises(CharterError) as caught:
        files_of(bundle)
    assert caught.value.param == "bundle"


def test_a_text_that_no_file_could_hold_is_refused() -> None:
    with pytest.raises(CharterError, match="not UTF-8"):
        bundle_of({"a": "\ud800"})


def test_a_bundle_may_be_as_large_as_the_limit_and_not_a_byte_larger() -> None:
    room = MAX_BUNDLE_BYTES - len(bundle_of({"a": ""}))
    whole = bundle_of({"a": "x" * room})
    assert len(whole) == MAX_BUNDLE_BYTES
    assert files_of(whole) == {"a": "x" * room}
    with pytest.raises(CharterError):
        bundle_of({"a": "x" * (room + 1)})
    with pytest.raises(CharterError):
        files_of(whole + b" ")


def test_the_digest_of_a_charter_is_that_of_its_bundle() -> None:
    files = files_of_charter(policy("all"))
    assert parse_charter(files).digest == parse_charter(files_of(bundle_of(files))).digest
