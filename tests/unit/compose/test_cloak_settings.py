"""What is said in `bouclier.yaml` of how found things are replaced."""

from __future__ import annotations

import pytest

from bouclier.compose.configuration import configuration_of, settings_shown
from bouclier.terms.content import EntityType
from bouclier.terms.errors import ConfigurationError


def test_by_default_everything_has_a_tag() -> None:
    shield = configuration_of("", source=None, environment={}).shield
    assert (shield.realistic, shield.max_shift_days) == ((), 60)


def test_types_can_be_set_to_be_replaced_by_their_like() -> None:
    text = "shield: {realistic: [PERSON, BIRTH_DATE], max_shift_days: 30}"
    configuration = configuration_of(text, source=None, environment={"BOUCLIER_SHIELD_MAX_SHIFT_DAYS": "20"})
    assert configuration.shield.realistic == (EntityType.PERSON, EntityType.BIRTH_DATE)
    assert configuration.shield.max_shift_days == 20
    shown = {name: value for name, value, _ in settings_shown(configuration)}
    assert shown["shield.realistic"] == "PERSON, BIRTH_DATE"


@pytest.mark.parametrize(
    "wrong",
    ["realistic: [API_KEY]", "realistic: [MARKING]", "realistic: [HEALTH]", "realistic: [person]", "realistic: PERSON"]
    + [f"max_shift_days: {days}" for days in (0, -1, 3651, "many")],
)
def test_secrets_and_what_is_never_replaced_have_no_like(wrong: str) -> None:
    with pytest.raises(ConfigurationError):
        configuration_of(f"shield: {{{wrong}}}", source=None, environment={})
