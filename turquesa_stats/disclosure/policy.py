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
METHODS = ("suppression", "rounding", "none")


class Person(StrEnum):
    """Whose counts a table holds, which decides the smallest count printed."""

    VICTIM = "k_person"
    ACCUSED = "k_accused"  # minors among them would be counted as VICTIM; no table tells them apart


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
    k_children : int
        Smallest count of children below country level. No table holds anything below country level, so that nothing asks for it yet.
    zeros : {"hidden", "shown"}
        Whether a zero is hidden with the small counts.
    dominance : float
        Largest share of a count that one case may have.
    spans : {"none", "whole", "all"}
        Beside single years, case-level counts of no span of years, of all years together, or of every span. Each span that is published
        takes others with it: the difference of two spans is a count as well. Shorter periods than years are never published.
    method : {"suppression", "rounding", "none"}
        What protects: small counts are hidden with others, or all counts are rounded to multiples of a base.
    rounding_base_person, rounding_base_accused : int
        Bases of ``rounding``, at least k + 1 so that a count printed as 0 is open to k; 0 with another method.
    """

    audience: str
    who: str
    k_person: int
    k_accused: int
    k_children: int
    zeros: Literal["hidden", "shown"]
    dominance: float
    spans: Literal["none", "whole", "all"]
    method: Literal["suppression", "rounding", "none"]
    rounding_base_person: int
    rounding_base_accused: int

    def __post_init__(self) -> None:
        """Refuse a method that does not exist, and bases of rounding that leave less open than k, or that nothing uses."""
        if self.method not in METHODS:
            raise DisclosureRefused(f"policy {self.audience}: method '{self.method}' does not exist; {nearest(self.method, METHODS)}")
        for person in Person:
            base = self.base(person)
            if self.method == "rounding" and base <= self.k(person):
                raise DisclosureRefused(
                    f"policy {self.audience}: {person.replace('k_', 'rounding_base_')} is {base}, which leaves less open than "
                    f"{person} {self.k(person)}; give {self.k(person) + 1} or more"
                )
            if self.method != "rounding" and base:
                raise DisclosureRefused(f"policy {self.audience}: bases of rounding must be 0 with method {self.method}, not {base}")

    @property
    def protects(self) -> bool:
        """Whether anything is withheld at all."""
        return self.method != "none"

    def k(self, person: Person) -> int:
        """Return the smallest count of these persons that is printed."""
        return self.k_person if person is Person.VICTIM else self.k_accused

    def base(self, person: Person) -> int:
        """Return the base to which counts of these persons are rounded; 0 where none is."""
        return self.rounding_base_person if person is Person.VICTIM else self.rounding_base_accused


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
