"""Weights from a folder or a mirror somebody names: checked like any others, over HTTPS or on this machine alone."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import pytest
from tests.weights_kit import HUB_FILE, Ask, Hub, catalogue_of, entry_for, serving

from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.adapters.weights_given import GivenAddress, GivenFolder, parse_given, peek_given
from bouclier.fleet.catalogue import WeightsError
from bouclier.terms.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTENT = random.Random(1984).randbytes(2 << 20)
ENTRY = entry_for(CONTENT, [HUB_FILE])
HALF = len(CONTENT) // 2


def _ignore(done: int, total: int) -> None:
    assert 0 <= done <= total


def _fetch(folder: Path, place: str, *, silence_s: float = 30) -> Path:
    store = WeightsStore(folder, catalogue_of(ENTRY), use_hub=False, silence_s=silence_s)
    return store.fetch(ENTRY, _ignore, given=parse_given(place))


def _not_found(ask: Ask) -> None:
    ask.head(404, length=0)


@pytest.mark.parametrize("name", [ENTRY.file, HUB_FILE.file])
def test_a_folder_s_file_is_copied_under_either_name_and_left_as_it_was(tmp_path: Path, name: str) -> None:
    lent = tmp_path / "lent"
    lent.mkdir()
    (lent / name).write_bytes(CONTENT)
    path = _fetch(tmp_path / "weights", str(lent))
    assert path == tmp_path / "weights" / ENTRY.file
    assert path.read_bytes() == CONTENT
    assert [item.name for item in lent.iterdir()] == [name]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "is not in this folder"), (CONTENT[:-1], "bytes there instead of"), (CONTENT[::-1], "digest")],
)
def test_a_folder_without_the_right_file_leaves_nothing(tmp_path: Path, content: bytes | None, reason: str) -> None:
    lent = tmp_path / "lent"
    lent.mkdir()
    if content is not None:
        (lent / ENTRY.file).write_bytes(content)
    with pytest.raises(WeightsError, match=reason):
        _fetch(tmp_path / "weights", str(lent))
    assert not [item for item in (tmp_path / "weights").rglob("*") if item.is_file() and item.stat().st_size]


def test_a_mirror_s_base_an_address_of_the_file_and_a_hub_s_layout_all_do(tmp_path: Path) -> None:
    good = serving(CONTENT)
    hub_path = f"/essais/modele/resolve/{HUB_FILE.revision}/{HUB_FILE.file}"

    def as_a_hub(ask: Ask) -> None:
        (good if ask.path == hub_path else _not_found)(ask)

    with Hub(good) as mirror:
        for number, place in enumerate((f"{mirror.base}/models/", f"{mirror.base}/elsewhere/x.gguf?token=t")):
            assert _fetch(tmp_path / str(number), place).read_bytes() == CONTENT
        assert [ask.path for ask in mirror.asked] == [f"/models/{ENTRY.file}", "/elsewhere/x.gguf?token=t"]
    with Hub(as_a_hub) as mirror:
        assert _fetch(tmp_path / "hub", mirror.base).read_bytes() == CONTENT
        assert mirror.asked[-1].path == hub_path


def test_a_download_cut_in_the_middle_goes_on_there_at_the_next_attempt(tmp_path: Path) -> None:
    good, cut = serving(CONTENT), threading.Event()

    def cut_once(ask: Ask) -> None:
        if cut.is_set():
            good(ask)
        elif ask.offset:
            ask.head(503, length=0)
        else:
            ask.head(200, length=len(CONTENT))
            ask.body(CONTENT[:HALF])

    with Hub(cut_once) as mirror:
        with pytest.raises(WeightsError, match="HTTP answer 503"):
            _fetch(tmp_path, f"{mirror.base}/m.gguf")
        cut.set()
        assert _fetch(tmp_path, f"{mirror.base}/m.gguf").read_bytes() == CONTENT
    assert [ask.range for ask in mirror.asked] == [None, f"bytes={HALF}-", f"bytes={HALF}-"]


def test_a_mirror_that_falls_silent_is_asked_again_for_the_rest(tmp_path: Path) -> None:
    good, end = serving(CONTENT), threading.Event()

    def silent_first(ask: Ask) -> None:
        if ask.offset:
            good(ask)
        else:
            ask.head(200, length=len(CONTENT))
            ask.body(CONTENT[:HALF])
            end.wait()

    with Hub(silent_first) as mirror:
        try:
            assert _fetch(tmp_path, f"{mirror.base}/m.gguf", silence_s=2).read_bytes() == CONTENT
        finally:
            end.set()


def _redirecting(to: str) -> Callable[[Ask], None]:
    def answer(ask: Ask) -> None:
        ask.handler.send_response(302)
        ask.handler.send_header("Location", to)
        ask.handler.send_header("Content-Length", "0")
        ask.handler.end_headers()

    return answer


def test_a_redirection_to_another_server_of_this_machine_is_followed(tmp_path: Path) -> None:
    with Hub(serving(CONTENT)) as storage, Hub(_redirecting(f"{storage.base}/blob")) as mirror:
        assert _fetch(tmp_path, f"{mirror.base}/m.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize("to", ["http://storage.example.org/blob", "ftp://storage.example.org/blob"])
def test_a_redirection_to_clear_text_elsewhere_is_not_followed(tmp_path: Path, to: str) -> None:
    with Hub(_redirecting(to)) as mirror, pytest.raises(WeightsError, match=r"redirects to|HTTP answer 302") as caught:
        _fetch(tmp_path, f"{mirror.base}/m.gguf")
    assert "storage.example.org" not in str(caught.value.message)


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "HTTP answer 404"), (403, "accepted a licence"), (401, "signed in")]
)
def test_a_refusal_is_said_with_what_to_do(tmp_path: Path, status: int, reason: str) -> None:
    with Hub(lambda ask: ask.head(status, length=0)) as mirror, pytest.raises(WeightsError, match=reason):
        _fetch(tmp_path, mirror.base)


def test_another_digest_leaves_nothing_and_the_address_is_never_told(tmp_path: Path) -> None:
    with (
        Hub(serving(CONTENT[::-1])) as mirror,
        pytest.raises(WeightsError, match="has not the catalogue's digest") as said,
    ):
        _fetch(tmp_path, f"{mirror.base}/m.gguf?token=secret")
    assert "secret" not in f"{said.value.message} {said.value.failures}"
    assert not [item for item in tmp_path.rglob("*") if item.is_file() and item.stat().st_size]


def test_clear_text_to_elsewhere_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(ConfigurationError, match="is not HTTPS"):
        parse_given("http://mirror.example.org/models")


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigurationError, match="holds a name or a password") as caught:
        parse_given("https://agent:secret@mirror.example.org/models")
    assert "secret" not in f"{caught.value.message} {caught.value.hint}"


def test_what_is_no_address_is_a_folder(tmp_path: Path) -> None:
    assert parse_given(str(tmp_path)) == GivenFolder(tmp_path)
    assert isinstance(parse_given("https://mirror.example.org/"), GivenAddress)
    assert "example" not in repr(parse_given("https://mirror.example.org/"))


@pytest.mark.parametrize(
    "place",
    [
        "https://[::1",
        "http://127.0.0.1:99999/m.gguf",
        "http://127.0.0.1:port/m.gguf",
        "http://127.0.0.1:0/m.gguf",
        "https:///m.gguf",
        f"https://{'a' * 70}.example.org/m.gguf",
        "https://a..example.org/m.gguf",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_repeating_it(place: str) -> None:
    with pytest.raises(ConfigurationError, match="no web address that can be read") as caught:
        parse_given(place)
    assert "m.gguf" not in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.param == "--from"


def test_a_folder_of_somebody_this_machine_does_not_know_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="does not know"):
        parse_given("~no-such-account-here/models")


def test_a_mirror_s_folder_may_have_accents_and_blanks(tmp_path: Path) -> None:
    with Hub(serving(CONTENT)) as mirror:
        for number, written in enumerate(("modèles d'été", "mod%C3%A8les%20d'%C3%A9t%C3%A9")):
            place = f"{mirror.base}/{written}"
            assert peek_given(parse_given(place), source=HUB_FILE, most=10) == (CONTENT[:10], len(CONTENT))
            assert _fetch(tmp_path / str(number), place).read_bytes() == CONTENT
    assert {ask.path.rpartition("/")[0] for ask in mirror.asked} == {"/mod%C3%A8les%20d'%C3%A9t%C3%A9"}


@pytest.mark.parametrize("to", ["https://[::1", "http://127.0.0.1:99999/m.gguf", f"https://{'a' * 70}.example.org/"])
def test_a_redirection_to_what_is_no_address_is_not_followed(tmp_path: Path, to: str) -> None:
    with Hub(_redirecting(to)) as mirror:
        with pytest.raises(WeightsError, match="cannot be read; that is not followed"):
            _fetch(tmp_path, f"{mirror.base}/m.gguf")
        with pytest.raises(WeightsError, match="cannot be read; that is not followed") as caught:
            peek_given(parse_given(mirror.base), source=HUB_FILE, most=10)
    assert to not in str(caught.value.message)


@pytest.mark.parametrize("length", ["9" * 5_000, "²", "-1", "*"])
def test_a_length_that_is_none_is_unknown(length: str) -> None:
    def boast(ask: Ask) -> None:
        ask.head(206, length=10, content_range=f"bytes 0-9/{length}")
        ask.body(CONTENT[:10])

    with Hub(boast) as mirror, pytest.raises(WeightsError, match="its length is unknown"):
        peek_given(parse_given(f"{mirror.base}/m.gguf"), source=HUB_FILE, most=10)


@pytest.mark.parametrize("kind", ["folder", "device"])
def test_what_is_no_file_is_not_read(tmp_path: Path, kind: str) -> None:
    lent = tmp_path / "lent"
    lent.mkdir()
    for name in (ENTRY.file, HUB_FILE.file):
        if kind == "folder":
            (lent / name).mkdir()
        else:
            (lent / name).symlink_to("/dev/zero")
    with pytest.raises(WeightsError, match="is no regular file there"):
        peek_given(GivenFolder(lent), source=HUB_FILE, most=10)
    with pytest.raises(WeightsError, match="is no regular file there"):
        _fetch(tmp_path / "weights", str(lent))


def test_what_failed_says_what_to_do_and_promises_nothing(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is not in this folder") as caught:
        peek_given(GivenFolder(tmp_path), source=HUB_FILE, most=10)
    assert caught.value.hint.en == "Check that source, or give another with --from."
