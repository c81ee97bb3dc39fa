"""Where each value of a JSON text stands."""

from __future__ import annotations

from bouclier.registry.parse_positions import lines_of, repeated, spelled_path, values_of

TEXT = """{
  "a": [1, {"b": "x]\\"}",
            "c\\u00e9": null}, []],
  "d": {},
  "e": true
}
"""


def test_every_value_is_found_at_its_line() -> None:
    wanted = {("a",): 2, ("a", 0): 2, ("a", 1, "b"): 2, ("a", 1, "cé"): 3, ("a", 2): 3, ("d",): 4, ("e",): 5, (): 1}
    assert lines_of(TEXT, wanted) == wanted


def test_a_value_that_is_absent_is_where_it_should_be_held() -> None:
    assert lines_of(TEXT, [("a", 1, "z"), ("d", "z", 3), ("z",)]) == {("a", 1, "z"): 2, ("d", "z", 3): 4, ("z",): 1}


def test_a_text_that_is_one_value_has_one() -> None:
    assert list(values_of(' "x"')) == [((), 1)]
    assert list(values_of("12")) == [((), 0)]


def test_deep_texts_are_walked_without_recursion() -> None:
    assert sum(1 for _ in values_of("[" * 5_000 + "]" * 5_000)) == 5_000


def test_a_key_is_given_again_on_the_line_of_its_last_time() -> None:
    assert repeated('{"a": 1,\n"b": {"c": 1, "c": 2},\n"a": 2}') == {("b", "c"): 2, ("a",): 3}
    assert repeated(TEXT) == {}


def test_a_path_is_spelled_as_people_read_it() -> None:
    assert spelled_path(("edges", 3, "share")) == "edges[3].share"
    assert spelled_path(()) == ""
