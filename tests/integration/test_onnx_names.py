"""A token classifier in ONNX, mounted from a folder, in its child process."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from tests.onnx_kit import network, write_classifier

from bouclier.compose.configuration import configuration_of
from bouclier.compose.detecting import detectors
from bouclier.shield.adapters.many_names import ManyNames
from bouclier.shield.adapters.names_process import NamesProcess
from bouclier.shield.adapters.names_spec import check_names, names_spec
from bouclier.terms.content import EntityType
from bouclier.terms.errors import ConfigurationError, DetectorError

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.shield.ports import NameFinder
    from bouclier.terms.content import Finding

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")

WORDS = {
    "Zoé": "B-PER", "Zoe": "B-PER", "Vass": "I-PER", "##eur": "I-PER", "Grave": "B-LOC", "##lines": "O",
    "a": "O", "dit": "O", ".": "O", "-": "O",
}  # fmt: skip


def found_by(names: NameFinder, texts: list[str]) -> list[list[Finding]]:
    async def story() -> list[list[Finding]]:
        return await names.find(texts)

    return asyncio.run(asyncio.wait_for(_with(names, story), 90))


async def _with(names: NameFinder, story: object) -> list[list[Finding]]:
    assert isinstance(names, NamesProcess)
    assert callable(story)
    await names.start()
    try:
        found: list[list[Finding]] = await story()
    finally:
        await names.stop()
    return found


def words(texts: list[str], found: list[list[Finding]]) -> list[list[tuple[str, str]]]:
    return [
        [(one.type.value, text[one.start : one.end]) for one in some] for text, some in zip(texts, found, strict=True)
    ]


@pytest.mark.parametrize("strip_accents", [False, True])
def test_names_are_told_in_code_points_whatever_stands_before_them(tmp_path: Path, *, strip_accents: bool) -> None:
    folder = write_classifier(tmp_path / "tiny", WORDS, strip_accents=strip_accents)
    texts = ["😀 é e\u0301 中 Zoé Vasseur a dit Gravelines.", "", "Zoé  Vasseur", "\ud800 Zoé", "a dit."]
    if strip_accents:
        texts.append("Zoe\u0301 Vasseur a dit")  # typed in two characters, read as one without its accent
    found = found_by(NamesProcess(f"onnx:{folder}"), texts)
    told = words(texts, found)
    assert told[0] == [("PERSON", "Zoé Vasseur"), ("LOCATION", "Gravelines")]
    assert told[1] == told[4] == []
    assert told[2] == [("PERSON", "Zoé  Vasseur")]
    assert told[3] == [("PERSON", "Zoé")]
    assert told[5:] == [[("PERSON", "Zoe\u0301 Vasseur")]] * len(told[5:])
    assert {one.validated_by for some in found for one in some} == {"ner:tiny"}


def test_a_text_longer_than_the_network_reads_loses_no_name(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "tiny", WORDS, positions=34)  # windows of 32 tokens
    text = "a dit . " * 37 + "Zoé Vasseur" + " a dit ." * 53 + " Zoé" + " a" * 400 + " Gravelines"
    (told,) = words([text], found_by(NamesProcess(f"onnx:{folder}"), [text]))
    assert told == [("PERSON", "Zoé Vasseur"), ("PERSON", "Zoé"), ("LOCATION", "Gravelines")]


def test_a_model_s_own_labels_are_given_a_meaning_or_none(tmp_path: Path) -> None:
    folder = write_classifier(
        tmp_path / "own",
        {"AG": "MATRICULE", "Zoé": "AGENT", "midi": "HEURE"},
        labels=("O", "AGENT", "MATRICULE", "HEURE"),
    )
    with pytest.raises(ConfigurationError, match="AGENT, HEURE, MATRICULE"):
        check_names(names_spec(f"onnx:{folder}"))
    spec = names_spec(
        f"onnx:{folder}",
        {"AGENT": EntityType.PERSON, "MATRICULE": EntityType.IDENTIFIER, "HEURE": None},
    )
    check_names(spec)
    (told,) = words(["Zoé AG midi"], found_by(NamesProcess(spec), ["Zoé AG midi"]))
    assert told == [("PERSON", "Zoé"), ("IDENTIFIER", "AG")]


def test_several_models_are_read_as_one_and_one_that_is_broken_breaks_the_whole(tmp_path: Path) -> None:
    persons = write_classifier(tmp_path / "persons", {"Zoé": "B-PER"})
    places = write_classifier(tmp_path / "places", {"Grave": "B-LOC", "##lines": "O"})

    async def story() -> None:
        models = [NamesProcess(f"onnx:{folder}") for folder in (persons, places)]
        for one in models:
            await one.start()
        both = ManyNames(models)
        text = "Zoé, Gravelines"
        try:
            assert words([text], await both.find([text])) == [[("PERSON", "Zoé"), ("LOCATION", "Gravelines")]]
            await models[1].stop()
            with pytest.raises(DetectorError):
                await both.find([text])
        finally:
            for one in models:
                await one.stop()

    asyncio.run(asyncio.wait_for(story(), 90))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("model.onnx", None, "model.onnx is not there"),
        ("tokenizer.json", None, "tokenizer.json is not there"),
        ("config.json", None, "config.json is not there"),
        ("config.json", b"{}", "lacks id2label"),
        ("config.json", b"\xff", "lacks id2label"),
        ("config.json", b'{"id2label": {"0": "O", "2": "B-PER"}}', "number labels"),
        ("config.json", b'{"id2label": {"0": "O", "1": "B-XYZ"}}', "unknown labels: XYZ"),
    ],
)
def test_a_folder_that_is_not_a_classifier_s_is_said_before_anything_starts(
    tmp_path: Path, file: str, content: bytes | None, said: str
) -> None:
    folder = write_classifier(tmp_path / "tiny", WORDS)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(ConfigurationError, match=said) as raised:
        check_names(names_spec(f"onnx:{folder}"))
    assert raised.value.message.fr != raised.value.message.en
    assert raised.value.param == "shield.names"


def test_a_meaning_for_a_label_the_model_lacks_is_refused(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "tiny", WORDS)
    with pytest.raises(ConfigurationError, match="no such labels: NOM"):
        check_names(names_spec(f"onnx:{folder}", {"NOM": EntityType.PERSON}))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("model.onnx", b"not a network", "does not load"),
        ("model.onnx", network([[0.0, 1.0]] * 40), "instead of"),
        ("model.onnx", network([[0.0] * 5] * 2), "does not read this tokenizer"),
        ("model.onnx", network([[0.0] * 5] * 40, ("input_ids", "pixels")), "takes input_ids, pixels"),
        ("tokenizer.json", b"{}", "tokenizer.json cannot be read"),
    ],
)
def test_what_only_loading_shows_is_told_by_the_child(tmp_path: Path, file: str, content: bytes, said: str) -> None:
    folder = write_classifier(tmp_path / "tiny", WORDS)
    (folder / file).write_bytes(content)
    with pytest.raises(DetectorError, match=said) as raised:
        found_by(NamesProcess(f"onnx:{folder}"), ["Zoé"])
    assert raised.value.message.fr != raised.value.message.en


def test_models_are_mounted_by_the_configuration(tmp_path: Path) -> None:
    write_classifier(tmp_path / "tiny", WORDS | {"Réf": "B-LOC"})
    labels = json.dumps({"LOC": "NONE"})
    configuration = configuration_of(
        f'shield: {{names: [{{model: "onnx:tiny", labels: {labels}}}]}}',
        source=tmp_path / "bouclier.yaml",
        environment={},
    )
    text = "Zoé Vasseur a dit Gravelines."

    async def story() -> list[tuple[Finding, ...]]:
        async with detectors(configuration.shield) as found:
            return await found.find([text])

    (found,) = asyncio.run(asyncio.wait_for(story(), 90))
    assert [(one.type.value, text[one.start : one.end]) for one in found] == [("PERSON", "Zoé Vasseur")]
