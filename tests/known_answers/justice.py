"""What becomes of a cohort: attrition, time to an end, regression for records in clusters, quantiles of amounts."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, log

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from tests.known_answers import KnownAnswer, reference
from turquesa_stats.methods.attrition import attrition
from turquesa_stats.methods.clustered_models import clustered_model, marginal_effects
from turquesa_stats.methods.competing_risks import cumulative_incidence, incidence_curves, incidence_quantile
from turquesa_stats.methods.hazard_ratios import hazard_ratios
from turquesa_stats.methods.incidence_comparison import compare_hazards, compare_incidence
from turquesa_stats.methods.order_statistics import quantile
from turquesa_stats.methods.waiting_times import restricted_mean, waiting_quantile

_LEUKAEMIA = "Freireich et al. 1963 (remission in weeks, 6-MP and placebo)"
_TREATED = ([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], "111010100110001100000")
_PLACEBO = ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], "1" * 21)
_WEEKS = _TREATED[0] + _PLACEBO[0]
_RELAPSED = [int(mark) for mark in _TREATED[1] + _PLACEBO[1]]
_TRIAL = ["treated"] * 21 + ["placebo"] * 21
# Months after transplantation by disease and status: 0 alive, 1 relapse, 2 death of the transplant (Scrucca, Santucci and Aversa 2010)
_TRANSPLANTS = {
    ("ALL", 0): ("16.13 16.83 19.9 24.77 29.2 35.5 43.67 45.3 56.6 71.83 72.93 82.6 112.23 121.1 123.9 124.83 131.77"),
    ("ALL", 1): (
        "1.1 1.23 1.67 1.7 1.8 1.87 2 2.23 2.4 2.53 2.87 3.07 3.57 3.63 4.07 4.23 5.37 6.13 7.53 7.57 7.63 7.93 8.63 "
        "9.43 10.3 13.07 17.23 20.83"
    ),
    ("ALL", 2): (
        "0.27 0.37 0.4 0.67 0.87 1.1 1.43 1.47 1.7 2.23 2.7 2.8 3.23 3.3 3.43 3.63 4.17 5.43 6 6.03 6.6 7.47 7.5 8 8.17 10.53 12.17 24.03"
    ),
    ("AML", 0): (
        "9.97 10.2 14.5 15.17 16.6 26.13 28.7 29.9 32.63 35.5 41.3 42.5 43.2 49.27 58 58.23 59.17 67.8 68.83 70.2 76.03 "
        "77 81.67 85.1 106.13 110.37 112.93 114.1 114.7"
    ),
    ("AML", 1): (
        "1.2 1.3 1.6 1.87 2.03 2.3 2.53 3.03 4.2 4.73 5 5.6 5.63 5.7 5.87 6 6.07 6.2 6.63 7 7.63 9.13 9.5 12.27 12.57 28.53 35 42.17"
    ),
    ("AML", 2): (
        "0.13 0.87 1 1.23 1.47 1.77 1.97 2 2.3 2.8 2.83 3.17 3.4 3.47 3.5 3.57 3.57 3.6 3.7 3.9 3.93 4.4 4.4 4.57 4.57 "
        "4.8 5.23 5.27 6.1 6.3 6.33 6.7 7.2 7.2 7.63 8.6 8.73 8.8 9 9.17 9.2 9.63 9.97 10.9 11.8 13.8 20.93"
    ),
}
# Persons by furthest step and reason: every path of a way of three steps
_PATHS = {
    ("charged", "dismissed"): 7,
    ("charged", "died"): 2,
    ("charged", None): 11,
    ("verdict", "acquitted"): 5,
    ("verdict", None): 0,
    ("convicted", None): 15,
}


def answers() -> Iterator[KnownAnswer]:
    """Yield the known answers of this topic."""
    yield from _attrition()
    yield from _incidence()
    yield from _waiting()
    yield from _comparisons()
    yield from _hazards()
    yield from _clusters()
    yield from _quantiles()


def _attrition() -> Iterator[KnownAnswer]:
    units = pd.DataFrame([(step, reason) for (step, reason), size in _PATHS.items() for _ in range(size)], columns=["step", "reason"])
    by_hand = {
        ("charged", "ON", "", "STEP"): 20 / 40,
        ("charged", "LEFT", "dismissed", "STEP"): 7 / 40,
        ("charged", "LEFT", "died", "COHORT"): 2 / 40,
        ("charged", "WAITING", "", "COHORT"): 11 / 40,
        ("verdict", "REACHED", "", "COHORT"): 20 / 40,
        ("verdict", "ON", "", "STEP"): 15 / 20,
        ("verdict", "LEFT", "acquitted", "STEP"): 5 / 20,
        ("verdict", "LEFT", "acquitted", "COHORT"): 5 / 40,
        ("verdict", "WAITING", "", "STEP"): 0.0,
        ("convicted", "REACHED", "", "COHORT"): 15 / 40,
    }
    for key, share in by_hand.items():
        yield KnownAnswer(
            "attrition, share of " + ("those at the step" if key[3] == "STEP" else "the cohort"),
            "methods.attrition.attrition",
            "by hand: 40 persons, every path",
            " ".join(filter(None, key[:3])),
            share,
            lambda key=key: float(
                attrition(units, ["charged", "verdict", "convicted"]).set_index(["step", "state", "reason", "basis"])["value"][key]
            ),
            1e-12,
        )


def _incidence() -> Iterator[KnownAnswer]:
    data = reference("competing_risks_data")
    codes = data["event"].map({"pcm": 1, "death": 2}).fillna(0).astype(int)
    for row in reference("competing_risks_aalen_johansen").to_dict("records"):
        group = row["group"].strip()
        chosen = data["sex"].eq(group) | (group == "all")
        units = (data.loc[chosen, "etime"].to_list(), codes[chosen].to_list())
        for kind, name in ((1, "pcm"), (2, "death")):
            for what, column in (("cif", "value"), ("se", "se")):
                yield KnownAnswer(
                    f"cumulative incidence, {'share' if what == 'cif' else 'standard error'}",
                    "methods.competing_risks.cumulative_incidence",
                    "R 4.2.2 survival 3.5-3, survfit(Surv(etime, event) ~ 1), mgus2",
                    f"{name}, {row['time']:g} months, {group}",
                    row[f"{what}_{name}"],
                    lambda units=units, kind=kind, column=column, time=row["time"]: float(
                        cumulative_incidence(*units, [time]).set_index("event")[column][kind]
                    ),
                    1e-8,
                )
    yield from _incidence_by_hand()


def _incidence_by_hand() -> Iterator[KnownAnswer]:
    seen = (list(range(1, 41)), [1] * 12 + [2] * 28)  # nobody is still waiting: the share is that of a simple count
    share, error = 12 / 40, (12 / 40 * 28 / 40 / 40) ** 0.5
    for end, sign in (("low", 1), ("high", -1)):
        yield KnownAnswer(
            f"cumulative incidence, log-log interval, {end}",
            "methods.competing_risks.cumulative_incidence",
            "closed form (Choudhury 2002): share ** exp(z se / (share |log share|))",
            "12 of 40, nobody waiting",
            float(share ** np.exp(sign * norm.isf(0.025) * error / (share * -log(share)))),
            lambda end=end: float(cumulative_incidence(*seen, [20]).set_index("event")[end][1]),
            1e-12,
        )
    late = ([2, 4, 5, 7, 9], [1, 2, 1, 0, 1], [0, 0, 3, 3, 6])
    shares = {1: 1 / 2 + 1 / 2 * 2 / 3 * 1 / 2 + 1 / 2 * 2 / 3 * 1 / 2, 2: 1 / 2 * 1 / 3}
    for kind, known in shares.items():
        yield KnownAnswer(
            "cumulative incidence with late entry",
            "methods.competing_risks.cumulative_incidence",
            "by hand: of those in sight, 1 of 2, 1 of 3, 1 of 2, then 1 of 1 ended",
            f"ends of kind {kind}",
            known,
            lambda kind=kind: float(cumulative_incidence(*late[:2], [9], late[2]).set_index("event")["value"][kind]),
            1e-12,
        )
    yield KnownAnswer(
        "share still waiting",
        "methods.competing_risks.incidence_curves",
        "by hand: 18/21 x 16/17 x 14/15 (Kaplan and Meier 1958)",
        f"{_LEUKAEMIA}, treated, 10 weeks",
        18 / 21 * 16 / 17 * 14 / 15,
        lambda: float(incidence_curves(_TREATED[0], [int(mark) for mark in _TREATED[1]]).waiting[3]),
        1e-12,
    )
    ordered = ([3, 8, 1, 9, 4, 7, 2, 6, 5, 10], [1, 1, 2, 1, 2, 1, 1, 2, 1, 1])
    yield KnownAnswer(
        "time by which a share has ended in one way",
        "methods.competing_risks.incidence_quantile",
        "by hand: the fourth of 10 that ends so, at 7",
        "0.4 of 10, nobody waiting",
        7.0,
        lambda: float(incidence_quantile(*ordered, 0.4, 1, "months").value or 0),
        1e-12,
    )


def _waiting() -> Iterator[KnownAnswer]:
    for name, (weeks, marks), known in (("treated", _TREATED, 23.0), ("placebo", _PLACEBO, 8.0)):
        yield KnownAnswer(
            "median waiting time",
            "methods.waiting_times.waiting_quantile",
            "Kleinbaum and Klein, Survival Analysis, chapter 2",
            f"{_LEUKAEMIA}, {name}",
            known,
            lambda weeks=weeks, marks=marks: float(waiting_quantile(weeks, [mark == "1" for mark in marks], 0.5, "weeks").value or 0),
            1e-12,
        )
    within = np.minimum(_PLACEBO[0], 12)
    for end, known in (("value", within.mean()), ("high", within.mean() + norm.isf(0.025) * within.std(ddof=1) / 21**0.5)):
        yield KnownAnswer(
            f"restricted mean waiting time, {end}",
            "methods.waiting_times.restricted_mean",
            "closed form where nobody is still waiting: mean of min(time, horizon)",
            f"{_LEUKAEMIA}, placebo, 12 weeks",
            float(known),
            lambda end=end: float(getattr(restricted_mean(_PLACEBO[0], [True] * 21, 12, "weeks"), end)),
            1e-12,
        )


def _comparisons() -> Iterator[KnownAnswer]:
    months, status, disease = [], [], []
    for (name, kind), texts in _TRANSPLANTS.items():
        times = [float(text) for text in texts.split()]
        months, status, disease = months + times, status + [kind] * len(times), disease + [name] * len(times)
    for kind, what, known, p_value in ((0, "relapse", 2.8623325, 0.09067592), (1, "death", 0.4481279, 0.50322531)):
        for column, answer in (("statistic", known), ("p_value", p_value)):
            yield KnownAnswer(
                f"equal cumulative incidence, {column}",
                "methods.incidence_comparison.compare_incidence",
                "R cmprsk cuminc (Gray 1988), bmtcrr; it differs in how ties enter the variance",
                f"{what}, 73 ALL and 104 AML",
                answer,
                lambda kind=kind, column=column: float(compare_incidence(months, status, disease)[column][kind]),
                1e-3,
                relative=True,
            )
    yield KnownAnswer(
        "equal pace, log-rank statistic",
        "methods.incidence_comparison.compare_hazards",
        "Kleinbaum and Klein, Survival Analysis, chapter 2",
        _LEUKAEMIA,
        16.793,
        lambda: float(compare_hazards(_WEEKS, _RELAPSED, _TRIAL)["statistic"][0]),
        5e-4,
    )


def _hazards() -> Iterator[KnownAnswer]:
    placebo = pd.DataFrame({"placebo": [0.0] * 21 + [1.0] * 21})
    for end, known in (("value", 4.523), ("low", 2.027), ("high", 10.094)):
        yield KnownAnswer(
            f"ratio of hazards, {end}",
            "methods.hazard_ratios.hazard_ratios",
            "Kleinbaum and Klein, Survival Analysis, chapter 3, model 1",
            _LEUKAEMIA,
            known,
            lambda end=end: float(hazard_ratios(_WEEKS, _RELAPSED, placebo)[end][0]),
            5e-4,
        )
    pair = [place % 21 for place in range(42)]
    yield KnownAnswer(
        "ratio of hazards with clusters, upper end",
        "methods.hazard_ratios.hazard_ratios",
        "second way: score residuals of Lin and Wei 1989 summed by hand",
        f"{_LEUKAEMIA}, 21 pairs",
        clustered_hazard_end(_WEEKS, _RELAPSED, placebo["placebo"].to_list(), pair),
        lambda: float(hazard_ratios(_WEEKS, _RELAPSED, placebo, cluster=pair)["high"][0]),
        1e-6,
        relative=True,
    )


def clustered_hazard_end(time: list[int], event: list[int], x: list[float], cluster: list[int]) -> float:
    """Return the upper end of a clustered ratio of hazards for one predictor of 0 and 1, by loops (second way)."""
    beta = 0.0
    for _ in range(50):
        score = information = 0.0
        for i, moment in enumerate(time):
            if event[i]:
                weight = [np.exp(beta * x[j]) for j in range(len(time)) if time[j] >= moment]
                mean = sum(w * x[j] for w, j in zip(weight, (j for j in range(len(time)) if time[j] >= moment), strict=True)) / sum(weight)
                score, information = score + x[i] - mean, information + mean * (1 - mean)
        beta += score / information
    residual = dict.fromkeys(cluster, 0.0)
    for i, moment in enumerate(time):
        if event[i]:
            at_risk = [j for j in range(len(time)) if time[j] >= moment]
            total = sum(np.exp(beta * x[j]) for j in at_risk)
            mean = sum(np.exp(beta * x[j]) * x[j] for j in at_risk) / total
            residual[cluster[i]] += x[i] - mean
            for j in at_risk:
                residual[cluster[j]] -= np.exp(beta * x[j]) / total * (x[j] - mean)
    groups = len(residual)
    error = (sum(r**2 for r in residual.values()) * groups / (groups - 1)) ** 0.5 / information
    return float(np.exp(beta + t.isf(0.025, groups - 1) * error))


def courts() -> pd.DataFrame:
    """Return 300 made-up judgments of 12 courts that differ in how they convict and in how many women they judge."""
    rng = np.random.default_rng(7)
    court = np.repeat(np.arange(12), 25)
    woman = (rng.random(300) < (0.25 + 0.03 * court)).astype(float)
    convicted = (rng.random(300) < 0.35 + 0.02 * court - 0.15 * woman).astype(float)
    return pd.DataFrame({"court": court, "woman": woman, "convicted": convicted})


def mancl_derouen(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients of a saturated 2 x 2 logistic model and their covariance by Mancl and DeRouen, by hand (second way)."""
    x = np.column_stack([np.ones(len(frame)), frame["woman"]])
    shares = frame.groupby("woman")["convicted"].mean()
    beta = np.array([log(shares[0.0] / (1 - shares[0.0])), 0.0])
    beta[1] = log(shares[1.0] / (1 - shares[1.0])) - beta[0]
    chance = frame["woman"].map(shares).to_numpy()
    spread = chance * (1 - chance)
    bread = np.linalg.inv((x.T * spread) @ x)
    meat = np.zeros((2, 2))
    for court in frame["court"].unique():
        own = (frame["court"] == court).to_numpy()
        slopes = x[own] * spread[own][:, None]
        leverage = slopes @ bread @ slopes.T / spread[own][None, :]
        residual = np.linalg.solve(np.eye(own.sum()) - leverage, (frame["convicted"] - chance).to_numpy()[own])
        score = x[own].T @ residual
        meat += np.outer(score, score)
    return beta, bread @ meat @ bread


def _clusters() -> Iterator[KnownAnswer]:
    frame = courts()
    beta, covariance = mancl_derouen(frame)
    table = frame.groupby("woman")["convicted"].agg(["sum", "size"])
    (a, n), (b, m) = table.loc[1.0], table.loc[0.0]
    yield KnownAnswer(
        "clustered logistic model, log odds ratio",
        "methods.clustered_models.clustered_model",
        "closed form: log(ad / bc) of the 2 x 2 table",
        "300 judgments, 12 courts",
        log(a * (m - b) / (b * (n - a))),
        lambda: float(clustered_model(frame, "convicted", ["woman"], "court").set_index("term")["value"]["woman"]),
        1e-8,
    )
    yield KnownAnswer(
        "clustered logistic model, upper end",
        "methods.clustered_models.clustered_model",
        "second way: Mancl and DeRouen 2001 by hand, t with 11 degrees of freedom",
        "300 judgments, 12 courts",
        float(beta[1] + t.isf(0.025, 11) * covariance[1, 1] ** 0.5),
        lambda: float(clustered_model(frame, "convicted", ["woman"], "court").set_index("term")["high"]["woman"]),
        1e-7,
    )
    yield KnownAnswer(
        "mean marginal effect, percentage points",
        "methods.clustered_models.marginal_effects",
        "closed form of one term: difference of the two shares",
        "300 judgments, 12 courts",
        100 * (a / n - b / m),
        lambda: float(marginal_effects(frame, "convicted", ["woman"], "court")["value"][0]),
        1e-8,
    )
    slopes = np.array([a / n * (1 - a / n) - b / m * (1 - b / m), a / n * (1 - a / n)])
    yield KnownAnswer(
        "mean marginal effect, standard error",
        "methods.clustered_models.marginal_effects",
        "second way: delta method by hand on the covariance above",
        "300 judgments, 12 courts",
        100 * float(slopes @ covariance @ slopes) ** 0.5,
        lambda: float(marginal_effects(frame, "convicted", ["woman"], "court")["se"][0]),
        1e-7,
    )


def _quantiles() -> Iterator[KnownAnswer]:
    for n in (10, 20, 45):
        for share in (0.25, 0.5):
            for end in ("low", "high"):
                rank = exact_rank(n, share, end)
                if rank is not None:
                    yield KnownAnswer(
                        f"exact interval of a quantile, {end}",
                        "methods.order_statistics.quantile",
                        "second way: sums of the binomial law (Conover 1999, section 3.2)",
                        f"{share:g} quantile of {n}",
                        float(rank),
                        lambda n=n, share=share, end=end: float(getattr(quantile(range(1, n + 1), share, "months"), end)),
                        1e-12,
                    )


def exact_rank(n: int, share: float, end: str) -> int | None:
    """Return the rank of the innermost ordered amount beyond which a quantile lies with a chance of at most 2.5 % (second way)."""
    law = [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    if end == "low":
        ranks = [rank for rank in range(1, n + 1) if sum(law[:rank]) <= 0.025]
        return max(ranks, default=None)
    ranks = [rank for rank in range(1, n + 1) if sum(law[rank:]) <= 0.025]
    return min(ranks, default=None)
