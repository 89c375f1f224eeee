"""Trends, breaks and monotone change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pymannkendall
from statsmodels.discrete.discrete_model import NegativeBinomial
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS
from statsmodels.tsa.stattools import acf

from tests.known_answers import KnownAnswer, reference
from turquesa_stats.methods.breaks import placebo_breaks, segmented
from turquesa_stats.methods.count_models import count_model, fit_counts
from turquesa_stats.methods.count_series import count_series
from turquesa_stats.methods.monotone import mann_kendall, sen_slope, variance_factor
from turquesa_stats.methods.serial_errors import autocorrelation, bandwidth, newey_west, serial_errors, simulated_errors
from turquesa_stats.methods.trends import trend

MONTHLY = np.random.default_rng(7).poisson(np.exp(3.5 + 0.01 * np.arange(40) - 0.5 * (np.arange(40) >= 24)))
YEARLY = [34, 41, 29, 52, 47, 66, 58, 71, 69, 90, 77, 102]
_R_NAMES = {"Intercept": "(Intercept)", "Sex[T.M]": "SexM", "Eth[T.N]": "EthN", "Lrn[T.SL]": "LrnSL"}


def answers() -> Iterator[KnownAnswer]:
    """Yield the known answers of this topic."""
    yield from _count_models()
    yield from _trends()
    yield from _breaks()
    yield from _serial_errors()
    yield from _monotone()


def _count_models() -> Iterator[KnownAnswer]:
    expected = reference("negative_binomial_fit").assign(term=lambda table: table["term"].str.strip()).set_index("term")
    quine = reference("negative_binomial_data")
    formula = "Days ~ Sex + Age + Eth + Lrn"
    for term in count_model(quine, formula, errors="model")["term"]:
        row = expected.loc[_R_NAMES.get(term, term.replace("[T.", "").replace("]", ""))]
        for column, known, tolerance in (("value", row["estimate"], 1e-4 if term == "theta" else 1e-5), ("se", row["se"], 1e-5)):
            yield KnownAnswer(
                f"negative-binomial model, {'estimate' if column == 'value' else 'standard error'}",
                "methods.count_models.count_model",
                "R 4.2.2, MASS 7.3-58.2 glm.nb; Venables and Ripley 2002",
                f"quine (Aitkin 1978), {term}",
                float(known),
                lambda term=term, column=column: float(
                    count_model(quine, formula, errors="model").set_index("term").loc[term, column]  # type: ignore[arg-type]
                ),
                tolerance,
            )
    time = np.arange(12.0)
    design, exposure = np.column_stack([np.ones(12), time]), np.linspace(100, 130, 12)
    yield KnownAnswer(
        "negative-binomial model with exposure, slope",
        "methods.count_models.fit_counts",
        "second way: statsmodels NegativeBinomial, both parameters at once by Nelder and Mead",
        "12 years",
        float(
            NegativeBinomial(YEARLY, design, offset=np.log(exposure))
            .fit([-1.0, 0.1, 0.01], method="nm", maxiter=5000, maxfun=5000, xtol=1e-10, ftol=1e-12, disp=False, skip_hessian=True)
            .params[1]
        ),
        lambda: float(fit_counts(np.asarray(YEARLY, dtype=float), design, exposure, "negative-binomial").coefficients[1]),
        1e-5,
    )


def _trends() -> Iterator[KnownAnswer]:
    yield KnownAnswer(
        "count series, count at the last time",
        "methods.count_series.count_series",
        "by hand: the counts in the order of time",
        "5 in 2021, 7 in 2019, 6 in 2020",
        5.0,
        lambda: float(count_series([5, 7, 6], [2021, 2019, 2020]).counts[-1]),
        0.0,
    )
    growth = [2**time + off for time, off in zip(range(3, 13), (0, 1, -2, 1, 0, 0, 2, -4, 2, 0), strict=True)]
    for per, known in ((1.0, 2.0), (3.0, 8.0)):
        yield KnownAnswer(
            "trend, ratio",
            "methods.trends.trend",
            "closed form: counts that double at each time, with deviations that the score equations do not see",
            f"8, 16 + 1, 32 - 2, 64 + 1, ..., 4096; change in {per:g} times",
            known,
            lambda per=per: float(trend(growth, range(10), 1, errors="hc3", per=per)["value"].iloc[0]),
            1e-9,
        )
    fitted = GLM(YEARLY, np.column_stack([np.ones(12), np.arange(12)]), family=Poisson()).fit()
    leverage = fitted.get_hat_matrix_diag()
    inverse = fitted.normalized_cov_params
    scores = fitted.model.exog * ((YEARLY - fitted.mu) / (1 - leverage))[:, None]
    se = np.sqrt((inverse @ scores.T @ scores @ inverse)[1, 1])
    yield KnownAnswer(
        "trend, upper end with HC3 errors",
        "methods.trends.trend",
        "second way: sandwich of the scores by 1 - leverage (MacKinnon and White 1985), t with 10 degrees of freedom 2.228139",
        "12 years",
        float(np.exp(fitted.params[1] + 2.2281388519649385 * se)),
        lambda: float(trend(YEARLY, range(12), 1, errors="hc3")["high"].iloc[0]),
        1e-8,
    )


def _breaks() -> Iterator[KnownAnswer]:
    times = np.arange(40)
    sides = [
        GLM(MONTHLY[side], np.column_stack([np.ones(side.sum()), times[side] - 24]), family=Poisson()).fit().params
        for side in (times < 24, times >= 24)
    ]
    known = {
        "slope_before": sides[0][1] * 12,
        "level_change": sides[1][0] - sides[0][0],
        "slope_change": (sides[1][1] - sides[0][1]) * 12,
        "slope_after": sides[1][1] * 12,
    }
    for term, log_ratio in known.items():
        yield KnownAnswer(
            f"segmented regression, {term.replace('_', ' ')}",
            "methods.breaks.segmented",
            "second way: two Poisson regressions, one on each side of the break",
            "24 months before, 16 after",
            float(np.exp(log_ratio)),
            lambda term=term: float(segmented(MONTHLY, times, 24, 1, per=12).set_index("term").loc[term, "value"]),  # type: ignore[arg-type]
            1e-8,
        )
    yield KnownAnswer(
        "placebo breaks, rank p-value of the level change",
        "methods.breaks.placebo_breaks",
        "by counting: 40 months, 11 admissible times before and 3 after; no placebo as large as a fall by nine tenths",
        "24 months before, 16 after",
        1 / 15,
        lambda: float(_placebo_p_value()),
        1e-12,
    )


def _placebo_p_value() -> float:
    rng = np.random.default_rng(3)
    counts = rng.poisson(np.where(np.arange(40) < 24, 200, 20))
    return float(placebo_breaks(counts, range(40), 24, 1).set_index("term").loc["level_change", "p_value"].iloc[0])


def _serial_errors() -> Iterator[KnownAnswer]:
    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(60), np.arange(60), np.arange(60) >= 30]).astype(float)
    fitted = OLS(rng.normal(size=60).cumsum(), design).fit()
    robust = fitted.get_robustcov_results("HAC", maxlags=10, use_correction=False)
    for place in range(3):
        yield KnownAnswer(
            "Newey and West's standard error",
            "methods.serial_errors.serial_errors",
            "second way: statsmodels OLS, cov_type HAC",
            f"60 points, coefficient {place + 1}",
            float(robust.bse[place]),
            lambda place=place: float(
                serial_errors(design, fitted.resid, fitted.params, np.eye(3), 1, last_lag=10, draws=9).standard_errors[place]
            ),
            1e-9,
            True,
        )
    for share, known in ((0.1, 1.96 + 0.29694 + 0.00416 - 0.0005324), (0.5, 1.96 + 2.9694 / 2 + 0.416 / 4 - 0.5324 / 8)):
        yield KnownAnswer(
            "standard errors that an interval takes on each side",
            "methods.serial_errors.serial_errors",
            "Kiefer and Vogelsang 2005: fixed-b critical value of Bartlett's kernel, 97.5 %",
            f"mean of 300 independent points, bandwidth {share:g} of them",
            known,
            lambda share=share: _critical_of_a_mean(share),
            0.03,
            True,
        )
    yield KnownAnswer(
        "Newey and West's sum",
        "methods.serial_errors.newey_west",
        "by hand: 1 + 4 + 1 + 2 x 1/2 x (-2 - 2)",
        "1, -2, 1, one lag",
        2.0,
        lambda: float(newey_west(np.array([1.0, -2.0, 1.0]), 1)),
        1e-12,
    )
    yield KnownAnswer(
        "bandwidth",
        "methods.serial_errors.bandwidth",
        "Lazarus, Lewis, Stock and Watson 2018: 1.3 x root of 100, that is 13 terms and 12 lags",
        "100 points",
        12.0,
        lambda: float(bandwidth(100)),
        0.0,
    )
    errors = _autoregression(300, 0.6)
    yield KnownAnswer(
        "autocorrelation of errors in a long series",
        "methods.serial_errors.autocorrelation",
        "second way: statsmodels acf; in a long series the fit takes nothing away",
        "300 points of a first-order autoregression",
        float(acf(errors - errors.mean(), nlags=1, fft=False)[1]),
        lambda: autocorrelation(errors - errors.mean(), np.ones((300, 1))),
        0.02,
    )
    yield KnownAnswer(
        "simulated errors, variance at the last time",
        "methods.serial_errors.simulated_errors",
        "closed form: a stationary autoregression has variance 1 at each time",
        "20,000 series of 30 points",
        1.0,
        lambda: float(simulated_errors(np.ones((30, 1)), errors[:30], 1, 0.2, 20_000)[1][-1].var()),
        0.03,
    )
    yield KnownAnswer(
        "autocorrelation of errors in short series, mean of 1000",
        "methods.serial_errors.autocorrelation",
        "the truth of the simulation; residuals themselves show 0.16",
        "20 points of a first-order autoregression with 0.4 around a line",
        0.4,
        lambda: _mean_autocorrelation(20, 0.4),
        0.05,
    )


def _critical_of_a_mean(share: float) -> float:
    noise = np.random.default_rng(1).normal(size=300)
    noise = noise - noise.mean()
    ones = np.ones((300, 1))
    found = serial_errors(ones, noise, np.zeros(1), np.eye(1), 5, white=1.0, last_lag=int(300 * share) - 1, draws=5000)
    return float(found.critical[0])


def _autoregression(n: int, rho: float, seed: int = 11) -> np.ndarray:
    shocks = np.random.default_rng(seed).normal(size=n)
    errors = np.empty(n)
    errors[0] = shocks[0]
    for time in range(1, n):
        errors[time] = rho * errors[time - 1] + np.sqrt(1 - rho**2) * shocks[time]
    return errors


def _mean_autocorrelation(n: int, rho: float) -> float:
    line = np.column_stack([np.ones(n), np.arange(n)])
    made = (_autoregression(n, rho, seed) for seed in range(1000))
    return float(np.mean([autocorrelation(errors - line @ np.linalg.lstsq(line, errors, rcond=None)[0], line) for errors in made]))


def _monotone() -> Iterator[KnownAnswer]:
    for values in ([2, 1, 4, 3], [3, 1, 2, 5, 4, 7, 6], [9, 8, 5, 6, 2, 1]):
        yield KnownAnswer(
            "Mann and Kendall's test, p-value",
            "methods.monotone.mann_kendall",
            "second way: every order of the values",
            ", ".join(map(str, values)),
            p_value_of_every_order(values),
            lambda values=values: float(mann_kendall(values, range(len(values)))["p_value"].iloc[0]),
            1e-12,
        )
    series = {"12 years": YEARLY, "40 months, with ties": [int(x) for x in MONTHLY]}
    for case, given in series.items():
        second = pymannkendall.original_test(given)
        for column, known in (("score", second.s), ("variance", second.var_s), ("p_value", second.p)):
            yield KnownAnswer(
                f"Mann and Kendall's test, {column.replace('_', '-')}",
                "methods.monotone.mann_kendall",
                "pymannkendall original_test (Hussain and Mahmud 2019)",
                case,
                float(known),
                lambda given=given, column=column: float(mann_kendall(given, range(len(given)))[column].iloc[0]),
                1e-9,
            )
        yield KnownAnswer(
            "Sen's slope",
            "methods.monotone.sen_slope",
            "pymannkendall sens_slope",
            case,
            float(second.slope),
            lambda given=given: float(sen_slope(given, range(len(given)), "persons").value),  # type: ignore[arg-type]
            1e-12,
        )
    months = [int(x) for x in MONTHLY]
    noise = [float(x) for x in np.random.default_rng(12).normal(size=300)]
    yield KnownAnswer(
        "Mann and Kendall's test against autoregressions, p-value",
        "methods.monotone.mann_kendall",
        "pymannkendall original_test: in a long series of independent points there is nothing to correct",
        "300 independent normal points",
        float(pymannkendall.original_test(noise).p),
        lambda: float(mann_kendall(noise, range(300), "autoregression", 1)["p_value"].iloc[0]),
        0.05,
    )
    corrected = pymannkendall.hamed_rao_modification_test(months)
    yield KnownAnswer(
        "Mann and Kendall's test with Hamed and Rao's correction, p-value",
        "methods.monotone.mann_kendall",
        "pymannkendall hamed_rao_modification_test",
        "40 months, with ties",
        float(corrected.p),
        lambda: float(mann_kendall(months, range(40), "hamed-rao")["p_value"].iloc[0]),
        1e-9,
    )
    yield KnownAnswer(
        "variance of the score under autocorrelation, times that without",
        "methods.monotone.variance_factor",
        "pymannkendall hamed_rao_modification_test",
        "40 months, with ties",
        float(corrected.var_s / pymannkendall.original_test(months).var_s),
        lambda: variance_factor(months, range(40)),
        1e-9,
    )


def p_value_of_every_order(values: list[int]) -> float:
    """Return the two-sided p-value of Mann and Kendall's score over every order of the values (second way)."""

    def score(order: tuple[int, ...]) -> int:
        return sum(int(np.sign(order[j] - order[i])) for i in range(len(order)) for j in range(i + 1, len(order)))

    seen = abs(score(tuple(values)))
    every = [abs(score(order)) for order in permutations(values)]
    return float(np.mean([other >= seen for other in every]))
