"""What an audience may see: one YAML file an audience, in ``policies/``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from turquesa_stats.errors import DisclosureRefused, nearest

PUBLIC = "public"
NONE = "none"


class Person(StrEnum):
    """Whose counts a table holds, which decides the smallest count printed."""

    VICTIM = "k_person"
    ACCUSED = "k_accused"


@dataclass(frozen=True, slots=True)
class Policy:
    """
    The limits of an audience.

    Attributes
    ----------
    audience : str
        Name of the file.
    who : str
        Who belongs to it, and on what condition.
    k_person, k_accused : int
        Smallest count of victims, and of accused persons, that is printed; also the least width of what may be concluded of a hidden count.
    zeros : {"hidden", "shown"}
        Whether a zero is hidden with the small counts.
    dominance : float
        Largest share of a count that one case may have.
    spans : {"none", "whole", "all"}
        Beside single years, case-level counts of no span of years, of all years together, or of every span. Each span that is published
        takes others with it: the difference of two spans is a count as well. Shorter periods than years are never published.
    method : {"suppression", "none"}
        What protects.
    """

    audience: str
    who: str
    k_person: int
    k_accused: int
    zeros: Literal["hidden", "shown"]
    dominance: float
    spans: Literal["none", "whole", "all"]
    method: Literal["suppression", "none"]

    @property
    def protects(self) -> bool:
        """Whether anything is withheld at all."""
        return self.method != "none"

    def k(self, person: Person) -> int:
        """Return the smallest count of these persons that is printed."""
        return self.k_person if person is Person.VICTIM else self.k_accused


def audiences() -> list[str]:
    """Return the audiences that have a policy."""
    found = files("turquesa_stats.disclosure").joinpath("policies").iterdir()
    return sorted(path.name.removesuffix(".yml") for path in found if path.name.endswith(".yml"))


@cache
def policy(audience: str = PUBLIC) -> Policy:
    """
    Return the policy of an audience.

    Raises
    ------
    DisclosureRefused
        If there is none, or its file lacks a limit or has one too many.
    """
    if audience not in audiences():
        raise DisclosureRefused(f"no disclosure policy for audience '{audience}'; {nearest(audience, audiences())}")
    name = f"policies/{audience}.yml"
    loaded = yaml.safe_load(files("turquesa_stats.disclosure").joinpath(name).read_text(encoding="utf-8"))
    expected = {field.name for field in fields(Policy)}
    if set(loaded) != expected:
        wrong = ", ".join(sorted(set(loaded) ^ expected))
        raise DisclosureRefused(f"{name}: each limit once and no other; missing or unknown: {wrong}")
    return Policy(**loaded)
