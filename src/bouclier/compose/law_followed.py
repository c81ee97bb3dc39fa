"""What was followed, in the words of the law in force: who stands behind it, and two states put together.

Not done here: which states are put together, and when (`law_keeping`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bouclier.charter import Adoption

if TYPE_CHECKING:
    from bouclier.charter.followed import Followed


def adoption_of(followed: Followed) -> Adoption:
    """Return who stands behind a charter that was followed, and until when."""
    return Adoption(
        root=followed.root_version,
        timestamp=followed.timestamp_version,
        adopted_by=followed.adopted_by,
        parties=followed.parties,
        threshold=followed.threshold,
        editors=followed.editors,
        editors_threshold=followed.editors_threshold,
        expires=followed.expires,
        problems=tuple((problem.text.fr, problem.text.en) for problem in followed.problems),
    )


def with_orders_of(newer: Followed, usable: Followed) -> Followed:
    """Return a state's charter and facts under the orders of a newer one, until the earlier of the two deadlines.

    Args:
        newer: Its charter or its facts cannot be used; its orders can, and so can its versions be cited: it was seen.
        usable: The last one whose charter and facts could be.
    """
    return replace(newer, bundle=usable.bundle, registry=usable.registry, expires=min(newer.expires, usable.expires))
