"""Every method against the answers of others, to the accuracy that they allow."""

import math

import pytest

from tests.known_answers import REFERENCE, KnownAnswer, known_answers

ANSWERS = list(known_answers()) if REFERENCE.exists() else []


@pytest.mark.skipif(not REFERENCE.exists(), reason="reference answers not here: ../shared/reference")
@pytest.mark.parametrize("known", ANSWERS, ids=lambda known: f"{known.function}|{known.method}|{known.case}")
def test_our_answer_is_the_known_one(known: KnownAnswer) -> None:
    ours = known.ours()
    assert math.isfinite(ours)
    assert known.difference(ours) <= known.tolerance
