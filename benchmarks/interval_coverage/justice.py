"""What becomes of a cohort: attrition, time to an end, clustered models, quantiles of amounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from scipy.integrate import quad
from scipy.stats import gamma, norm

from benchmarks.interval_coverage import Scenario
from benchmarks.interval_coverage.small_numbers import holds
from turquesa_stats.methods.attrition import attrition
from turquesa_stats.methods.clustered_models import clustered_model, marginal_effects
from turquesa_stats.methods.competing_risks import cumulative_incidence, incidence_quantile
from turquesa_stats.methods.hazard_ratios import hazard_ratios
from turquesa_stats.methods.order_statistics import quantile
from turquesa_stats.methods.waiting_times import restricted_mean, waiting_quantile

_HORIZON = 18.0
_DIFFERENCE = 0.7  # standard deviation of courts, on the scale of log odds
_EFFECT = -0.6
_WOMEN_OF_COURT = (0.2, 0.5)


def scenarios() -> Iterator[Scenario]:
    """Yield the scenarios of this topic."""
    yield Scenario("attrition, share going on", "methods.attrition.attrition", "n = 80, 45 % go on, 10 % wait", "nominal", _attrition, 1000)
    for n in (60, 200):
        yield Scenario(
            "log-log, cumulative incidence",
            "methods.competing_risks.cumulative_incidence",
            f"n = {n}, 40 % end so, seen 12 to 48 months",
            "nominal",
            _incidence(n),
        )
    yield Scenario(
        "log-log, cumulative incidence with late entry",
        "methods.competing_risks.cumulative_incidence",
        "n = 150, half of them seen only from 1 to 8 months on",
        "nominal",
        _late,
    )
    yield Scenario(
        "log-log, time by which a quarter has ended in one way",
        "methods.competing_risks.incidence_quantile",
        "n = 150, 40 % end so, seen 12 to 48 months",
        "nominal",
        _incidence_quantile,
        1000,
    )
    yield Scenario("log-log, median wait", "methods.waiting_times.waiting_quantile", "n = 100, 25 % still waiting", "nominal", _median)
    yield Scenario(
        "Greenwood, restricted mean wait", "methods.waiting_times.restricted_mean", "n = 100, within 18 months", "nominal", _restricted
    )
    yield Scenario(
        "Cox, clustered, ratio of hazards",
        "methods.hazard_ratios.hazard_ratios",
        "24 courts of 6 to 12 that differ, ratio 1 between persons of each",
        "nominal",
        _hazards,
        400,
    )
    for courts in (20, 40):
        case = f"{courts} courts of 5 to 30 that differ, fewer women before some"
        yield Scenario("Mancl and DeRouen, log odds", "methods.clustered_models.clustered_model", case, "nominal", _log_odds(courts), 1000)
        yield Scenario(
            "delta method, marginal effect", "methods.clustered_models.marginal_effects", case, "nominal", _marginal(courts), 1000
        )
    yield Scenario(
        "Mancl and DeRouen, difference of means",
        "methods.clustered_models.clustered_model",
        "25 courts, months of sentences",
        "nominal",
        _means,
        1000,
    )
    for n, share in ((25, 0.5), (60, 0.25)):
        yield Scenario(
            "order statistics, quantile",
            "methods.order_statistics.quantile",
            f"{share:g} quantile of {n} skewed lengths",
            "at least",
            _quantile(n, share),
        )


def _attrition(rng: np.random.Generator) -> bool:
    step = rng.choice(["verdict", "charged", "waiting"], size=80, p=[0.45, 0.45, 0.1])
    units = pd.DataFrame(
        {"step": np.where(step == "verdict", "verdict", "charged"), "reason": np.where(step == "charged", "dismissed", None)}
    )
    found = attrition(units, ["charged", "verdict"])
    row = found[found["state"].eq("ON")].iloc[0]
    return bool(row["low"] <= 0.45 <= row["high"])


def _ends(rng: np.random.Generator, n: int) -> tuple[list[float], list[int]]:
    """Return times and ends: 40 % in kind 1 after a gamma wait, the others sooner in kind 2; seen for 12 to 48 months."""
    first = rng.random(n) < 0.4
    times = np.where(first, rng.gamma(2.0, 8.0, n), rng.exponential(10.0, n))
    seen = rng.uniform(12, 48, n)
    return np.minimum(times, seen).tolist(), np.where(times <= seen, np.where(first, 1, 2), 0).tolist()


def _incidence(n: int) -> Callable[[np.random.Generator], bool]:
    truth = 0.4 * gamma.cdf(_HORIZON, 2.0, scale=8.0)

    def covers(rng: np.random.Generator) -> bool:
        row = cumulative_incidence(*_ends(rng, n), [_HORIZON]).iloc[0]
        return bool(row["low"] <= truth <= row["high"])

    return covers


def _late(rng: np.random.Generator) -> bool:
    times, events, entry = [], [], []
    while len(times) < 150:
        (time,), (event,) = _ends(rng, 1)
        start = float(rng.uniform(1, 8)) if rng.random() < 0.5 else 0.0
        if time > start:
            times, events, entry = [*times, time], [*events, event], [*entry, start]
    row = cumulative_incidence(times, events, [_HORIZON], entry).iloc[0]
    return bool(row["low"] <= 0.4 * gamma.cdf(_HORIZON, 2.0, scale=8.0) <= row["high"])


def _incidence_quantile(rng: np.random.Generator) -> bool:
    return holds(incidence_quantile(*_ends(rng, 150), 0.25, 1, "months"), float(gamma.ppf(0.625, 2.0, scale=8.0)))


def _waits(rng: np.random.Generator) -> tuple[list[float], list[bool]]:
    times, seen = rng.gamma(2.0, 7.0, 100), rng.uniform(6, 48, 100)
    return [*np.minimum(times, seen).tolist()], (times <= seen).tolist()


def _median(rng: np.random.Generator) -> bool:
    return holds(waiting_quantile(*_waits(rng), 0.5, "months"), float(gamma.median(2.0, scale=7.0)))


def _restricted(rng: np.random.Generator) -> bool:
    truth = quad(lambda at: gamma.sf(at, 2.0, scale=7.0), 0, _HORIZON)[0]
    times, ended = _waits(rng)
    return holds(restricted_mean(times, ended, _HORIZON, "months"), float(truth))


def _hazards(rng: np.random.Generator) -> bool:
    """Women and men of one court end alike, and courts differ in pace and in how many women they judge, at random."""
    court = np.repeat(np.arange(24), rng.integers(6, 13, 24))
    pace, women = rng.normal(0, 0.5, 24)[court], rng.uniform(0.2, 0.6, 24)[court]
    woman = (rng.random(court.size) < women).astype(float)
    times, seen = rng.exponential(12 * np.exp(pace)), rng.uniform(6, 40, court.size)
    found = hazard_ratios(
        np.minimum(times, seen).tolist(), (times <= seen).astype(int).tolist(), pd.DataFrame({"woman": woman}), cluster=court.tolist()
    )
    return bool(found["low"][0] <= 1.0 <= found["high"][0])


def _judgments(rng: np.random.Generator, courts: int) -> pd.DataFrame:
    court = np.repeat(np.arange(courts), rng.integers(5, 31, courts))
    women = rng.uniform(*_WOMEN_OF_COURT, courts)[court]
    woman = rng.random(court.size) < women
    chance = _chance(rng.normal(0, _DIFFERENCE, courts)[court] + _EFFECT * woman)
    return pd.DataFrame({"court": court, "woman": woman.astype(float), "convicted": (rng.random(court.size) < chance).astype(float)})


def _chance(linear: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-linear)))


def _true_shares() -> tuple[float, float]:
    """Return the share of women and of men convicted, over all courts that there could be."""

    def mean(effect: float) -> float:
        return float(quad(lambda court: norm.pdf(court, scale=_DIFFERENCE) / (1 + np.exp(-court - effect)), -8, 8)[0])

    return mean(_EFFECT), mean(0.0)


def _log_odds(courts: int) -> Callable[[np.random.Generator], bool]:
    women, men = _true_shares()
    truth = float(np.log(women / (1 - women)) - np.log(men / (1 - men)))

    def covers(rng: np.random.Generator) -> bool:
        row = clustered_model(_judgments(rng, courts), "convicted", ["woman"], "court").iloc[1]
        return bool(row["low"] <= truth <= row["high"])

    return covers


def _marginal(courts: int) -> Callable[[np.random.Generator], bool]:
    women, men = _true_shares()

    def covers(rng: np.random.Generator) -> bool:
        row = marginal_effects(_judgments(rng, courts), "convicted", ["woman"], "court").iloc[0]
        return bool(row["low"] <= 100 * (women - men) <= row["high"])

    return covers


def _means(rng: np.random.Generator) -> bool:
    frame = _judgments(rng, 25)
    of_court = rng.normal(0, 15, 25)[frame["court"]]
    frame = frame.assign(months=rng.gamma(4.0, 15.0, len(frame)) + of_court - 10 * frame["woman"])
    row = clustered_model(frame, "months", ["woman"], "court", "amount").iloc[1]
    return bool(row["low"] <= -10 <= row["high"])


def _quantile(n: int, share: float) -> Callable[[np.random.Generator], bool]:
    truth = float(gamma.ppf(share, 3.0, scale=20.0))
    return lambda rng: holds(quantile(rng.gamma(3.0, 20.0, n).tolist(), share, "months"), truth)
