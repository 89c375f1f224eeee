"""The verdict on an edition: are its files whole, what of its numbers comes out again, and does the audit find what is hidden."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import pandas as pd

from turquesa_stats import __version__
from turquesa_stats.edition.audit.verdict import Verdict as Audit
from turquesa_stats.edition.review.causes import Cause, Causes
from turquesa_stats.edition.review.integrity import Integrity
from turquesa_stats.edition.review.numbers import Answer, Compared


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What is to be said of one document.

    Attributes
    ----------
    stem : str
        Language, country, period and report.
    numbers : tuple of Compared
        Every number of its executed notebook; of other formats those that are not the same.
    other_bytes : tuple of str
        Files that are not byte for byte as they come out here.
    causes : mapping
        Cause -> what of it is not as it was.
    unjudged : str
        Why it could not be made again; empty if it was.
    failed : str
        Why making it again failed; empty if it did not.
    stands_on_persons : bool
        Whether rows of persons decided it.
    """

    stem: str
    numbers: tuple[Compared, ...] = ()
    other_bytes: tuple[str, ...] = ()
    causes: Causes = field(default_factory=dict)
    unjudged: str = ""
    failed: str = ""
    stands_on_persons: bool = False

    def count(self, answer: Answer) -> int:
        """Return how many numbers have an answer."""
        return sum(one.answer is answer for one in self.numbers)

    @property
    def why(self) -> list[str]:
        """The causes in words; ``unknown`` where a number differs and nothing that decides it is known to."""
        if self.causes:
            return [f"{cause}: {said}" for cause, every in self.causes.items() for said in every]
        return [f"{Cause.UNKNOWN}: nothing that decides it is known to differ, so it is not what its data and code give"]

    @property
    def is_without_cause(self) -> bool:
        """Whether a file comes out otherwise though nothing that decides it differs."""
        return bool(self.other_bytes) and not self.causes

    @property
    def is_sound(self) -> bool:
        """Whether it was made again, no number differs, and no file differs without a cause."""
        return not (self.unjudged or self.failed or self.count(Answer.DIFFERENT) or self.is_without_cause)


@dataclass(frozen=True, slots=True)
class Review:
    """The whole verdict."""

    edition: str
    archive_sha256: str
    integrity: Integrity
    documents: tuple[Judged, ...] = ()
    pages: tuple[str, ...] = ()  # of the site around the documents, that come out otherwise
    pages_unjudged: str = ""
    audit: Audit | None = None
    audit_refused: str = ""
    register: tuple[str, ...] = ()  # cells of which the release register says other than the pages

    @property
    def unjudged(self) -> list[Judged]:
        """Documents that could not be made again here."""
        return [one for one in self.documents if one.unjudged]

    def passes(self, *, allow_unjudged: bool = False) -> bool:
        """Whether all is whole and as it comes out again; documents that could not be judged count as a fault unless allowed."""
        documents = all(one.is_sound or (allow_unjudged and one.unjudged) for one in self.documents)
        whole = not (self.integrity.faults or self.register or (self.pages and not self.otherwise))
        return bool(self.documents) and documents and self.is_audited and whole

    @property
    def is_audited(self) -> bool:
        """Whether the audit finds nothing in it again."""
        return self.audit is not None and self.audit.passes

    @property
    def otherwise(self) -> list[str]:
        """What decides a document and is not as it was when the edition was made, whether or not a number differs for it."""
        return list(dict.fromkeys(f"{cause}: {said}" for one in self.documents for cause, every in one.causes.items() for said in every))

    @property
    def tells_of_persons(self) -> bool:
        """Whether the verdict itself must not be published: two ways of hiding the same counts can tell what each of them hides."""
        return any(one.stands_on_persons and one.count(Answer.DIFFERENT) + one.count(Answer.WITHIN) for one in self.documents)

    def totals(self) -> dict[str, int]:
        """Return answer -> how many numbers of all documents have it."""
        counted = Counter(one.answer for document in self.documents for one in document.numbers)
        return {str(answer): counted[answer] for answer in Answer}

    def as_json(self, *, allow_unjudged: bool = False) -> str:
        """Return the verdict as JSON: numbers that are the same are counted, all others listed."""
        documents = [
            {
                "document": one.stem,
                "numbers": {str(answer): one.count(answer) for answer in Answer},
                "not_the_same": [asdict(number) for number in one.numbers if number.answer is not Answer.SAME],
                "other_bytes": one.other_bytes,
                "why": one.why if one.other_bytes or one.count(Answer.DIFFERENT) or one.count(Answer.WITHIN) else [],
                "unjudged": one.unjudged,
                "failed": one.failed,
            }
            for one in self.documents
        ]
        held = {
            "passes": self.passes(allow_unjudged=allow_unjudged),
            "edition": self.edition,
            "archive_sha256": self.archive_sha256,
            "reviewed_with": {"turquesa": __version__, "python": platform.python_version()},
            "files": self.integrity.files,
            "faults": [asdict(fault) for fault in self.integrity.faults],
            "numbers": self.totals(),
            "documents": documents,
            "pages_that_differ": self.pages,
            "pages_unjudged": self.pages_unjudged,
            "audit": None if self.audit is None else {"passes": self.audit.passes, "falls": len(self.audit.falls)},
            "audit_refused": self.audit_refused,
            "not_as_it_was": self.otherwise,
            "not_for_publication": self.tells_of_persons,
            "register": self.register,
        }
        return json.dumps(held, ensure_ascii=False, indent=1) + "\n"

    def every_number(self) -> pd.DataFrame:
        """Return a row for each number: document, place, index, published, remade, answer, cause."""
        rows = [
            (one.stem, n.place, n.index, n.published, n.remade, str(n.answer), "; ".join(one.why) if n.answer is not Answer.SAME else "")
            for one in self.documents
            for n in one.numbers
        ]
        return pd.DataFrame(rows, columns=["document", "place", "index", "published", "remade", "answer", "cause"])


def told(found: Review, *, allow_unjudged: bool, most: int = 20) -> Iterator[str]:
    """
    Yield the verdict in lines: what is wrong first.

    Parameters
    ----------
    found : Review
        The verdict.
    allow_unjudged : bool
        Whether documents that could not be made again are no fault.
    most : int
        So many of each kind are listed.
    """
    yield from _listed("Files that are not as they were published", [f"{one.path}: {one.why}" for one in found.integrity.faults], most)
    different = [
        f"{one.stem}, {n.place}: {n.published or 'nothing'} published, {n.remade or 'nothing'} here"
        for one in found.documents
        for n in one.numbers
        if n.answer is Answer.DIFFERENT
    ]
    yield from _listed("Numbers that are different", different, most)
    yield from _listed("Not as it was when the edition was made", found.otherwise, most)
    if any(one.is_without_cause for one in found.documents):
        yield "Nothing that decides some of these files is known to differ: they are not what their data and code give"
    yield from _listed(
        "Documents that failed to be made again", [f"{one.stem}: {one.failed}" for one in found.documents if one.failed], most
    )
    alone = [path for one in found.documents for path in one.other_bytes if not one.count(Answer.DIFFERENT)]
    yield from _listed("Files with the same numbers and other bytes", alone, most)
    yield from _listed("Pages of the site that come out otherwise", list(found.pages), most)
    yield from _listed("Not judged", [f"{one.stem}: {one.unjudged}" for one in found.unjudged], most)
    yield from _listed("The release register and the pages disagree", list(found.register), most)
    if found.audit_refused or (found.audit and not found.audit.passes):
        yield f"The audit refuses the edition: {found.audit_refused or 'turquesa audit tells why'}"
    if found.tells_of_persons:
        yield "This verdict is not for publication: numbers of persons that come out otherwise can tell what the edition hides"
    totals = found.totals()
    yield (
        f"Edition {found.edition}: {found.integrity.files} files, {len(found.documents)} documents, {sum(totals.values()):,} numbers: "
        + ", ".join(f"{count:,} {answer}" for answer, count in totals.items())
    )
    yield "Every number is as published." if found.passes(allow_unjudged=allow_unjudged) else "This edition does not stand as it is."


def _listed(title: str, lines: list[str], most: int) -> Iterator[str]:
    if lines:
        yield f"{title} ({len(lines)}):"
        yield from (f"  {line}" for line in lines[:most])
        if len(lines) > most:
            yield f"  and {len(lines) - most} more"
