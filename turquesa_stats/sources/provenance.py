"""The row of the table ``source`` that an importer writes about its file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from turquesa_stats.schema.validation import validate


def described(sources: list[dict[str, Any]], today: date) -> pd.DataFrame:
    """
    Return the validated table ``source``.

    Parameters
    ----------
    sources : list of dict
        ``source_id, title, publisher, url, licence, reporting_entity_type`` each, and any other field whose usual value
        (issuer's own, final, no restriction, not synthetic, cited by title and address) does not hold.
    today : date
        Date of reading.
    """
    usual: dict[str, Any] = {
        "published_on": None,
        "retrieved_on": None,
        "source_tier": 1,
        "status": "final",
        "grade_scheme": None,
        "grade": None,
        "handling": "H0",
        "synthetic": False,
        "method_note": None,
        "record_version": 1,
        "loaded_at": pd.Timestamp(today),
    }
    rows = [usual | {"citation": f"{source['title']}, {source['url']}"} | source for source in sources]
    return validate(pd.DataFrame(rows), "source")
