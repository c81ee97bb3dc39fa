"""Where a policy begins, and where a text goes wrong."""

from __future__ import annotations

from cedarpy import PolicySet

from bouclier.charter.locate import error_line, policy_texts


def test_comments_and_strings_do_not_start_or_end_a_policy() -> None:
    text = """// first; not this
@id("a;b // c \\" ;")  // ;
permit (principal, action, resource);

// between;
forbid (principal, action, resource); forbid (principal, action, resource)
when { 1 == 2 };
// end"""
    assert [line for line, _ in policy_texts(text)] == [2, 6, 6]
    assert [own for _, own in policy_texts(text)] == [
        '@id("a;b // c \\" ;")  // ;\npermit (principal, action, resource);',
        "forbid (principal, action, resource);",
        "forbid (principal, action, resource)\nwhen { 1 == 2 };",
    ]
    assert len(PolicySet.from_str(text)) == 3


def test_an_empty_text_has_no_policies() -> None:
    assert policy_texts("") == ()


def test_the_first_wrong_line_is_found() -> None:
    text = "permit (principal, action, resource);\npermit (principal,\naction resource);\npermit nonsense"
    assert error_line(text, PolicySet.from_str) == 3


def test_a_text_cut_short_is_wrong_at_its_last_line() -> None:
    assert error_line("permit (principal,\naction,", PolicySet.from_str) == 2
