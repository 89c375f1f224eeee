"""Documents of two editions: which came, went or were made in another way, and what of the way changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from turquesa_stats.edition.publication.manifest import Document, Manifest

METHOD = ("audience", "rounding", "report", "parameters", "sections", "policy", "package", "schemas", "environment")
"""Parts of ``made_from`` by which numbers can change; by the others (words, typesetter, formats, status) only how they are shown."""
CONTENT = "content"  # made in the same way, and yet other files: of other data


@dataclass(frozen=True, slots=True)
class MadeOtherwise:
    """A document of both editions: the parts of ``made_from`` that changed, or its content alone."""

    document: str
    report: str
    country: str
    period: str
    language: str
    parts: tuple[str, ...]

    @property
    def is_method(self) -> bool:
        """Whether its numbers can have changed by the way in which it was made."""
        return bool({*self.parts} & {*METHOD})


@dataclass(frozen=True, slots=True)
class Documents:
    """
    What became of the documents, and of the ways in which all are made.

    Attributes
    ----------
    added, gone : tuple of str
        Paths within the site, without the ending.
    changed : tuple of MadeOtherwise
        Documents of both editions that are not the same.
    policy, packages, edition : mapping
        Name -> (before, after) of what changed: limits of the disclosure policy; versions of packages, None where one was not there;
        what holds of the whole edition.
    came_or_went, made_otherwise : frozenset of (country, period)
        Of which documents were added or are gone, or numbers can have changed by the way in which they were made.
    """

    added: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[MadeOtherwise, ...]
    policy: Mapping[str, tuple[Any, Any]]
    packages: Mapping[str, tuple[str | None, str | None]]
    edition: Mapping[str, tuple[Any, Any]]
    came_or_went: frozenset[tuple[str, str]]
    made_otherwise: frozenset[tuple[str, str]]


def changed_documents(before: Manifest, after: Manifest) -> Documents:
    """
    Compare the documents of two editions, and what they were made by.

    Parameters
    ----------
    before, after : Manifest
        Of the editions.
    """
    old, new = ({_stem(one): one for one in manifest.documents} for manifest in (before, after))
    added, gone = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    changed = [_made(stem, old[stem], new[stem]) for stem in sorted(old.keys() & new.keys()) if _is_other(old[stem], new[stem])]
    return Documents(
        tuple(added),
        tuple(gone),
        tuple(changed),
        _differing(before.protection.policy, after.protection.policy),
        _differing(before.software.packages, after.software.packages),
        _differing(_whole(before), _whole(after)),
        _places([*(new[stem] for stem in added), *(old[stem] for stem in gone)]),
        frozenset((one.country, one.period) for one in changed if one.is_method),
    )


def _stem(document: Document) -> str:
    path = PurePosixPath(min(document.files))
    return path.with_suffix("").relative_to(path.parts[0]).as_posix()


def _is_other(before: Document, after: Document) -> bool:
    return before.made_from != after.made_from or before.files != after.files


def _made(stem: str, before: Document, after: Document) -> MadeOtherwise:
    parts = tuple(_differing(before.made_from, after.made_from)) or (CONTENT,)
    return MadeOtherwise(stem, after.report, after.country, after.period, after.language, parts)


def _places(documents: Iterable[Document]) -> frozenset[tuple[str, str]]:
    return frozenset((one.country, one.period) for one in documents)


def _whole(manifest: Manifest) -> dict[str, Any]:
    made = manifest.software
    whole = {"status": manifest.status, "audience": manifest.audience, "turquesa": made.turquesa, "python": made.python}
    return whole | {"typesetter": ", ".join(made.typesetters)}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    every = sorted({*before, *after})
    return {name: (before.get(name), after.get(name)) for name in every if before.get(name) != after.get(name)}
