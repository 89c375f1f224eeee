"""
Errors of a regression whose residuals follow one another in time.

Newey and West's standard error is too small at the lengths of real series, and an interval of 1.96 of them holds the truth in 75 to 88 %
of series, not 95 %. Here the standard error is theirs, with the wide bandwidth of Lazarus, Lewis, Stock and Watson (2018), and how many of
them the interval takes on each side is found by simulating series of the same length and design with the autocorrelation seen (a sieve
bootstrap, which agrees with fixed-bandwidth theory: Goncalves and Vogelsang 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from turquesa_stats.errors import MeasureRefused

DRAWS = 999
_GRID = np.linspace(-0.5, 0.95, 59)
_STRONGEST = 0.9  # of autocorrelation that is simulated: beyond it, a series of these lengths tells nothing


@dataclass(frozen=True, slots=True)
class SerialErrors:
    """
    Sums of coefficients and how far off they may be; arrays of shape (k,).

    Attributes
    ----------
    estimates, low, high : array
        The sums and the ends of their intervals.
    standard_errors : array
        Newey and West (1987).
    critical : array
        Standard errors that the interval takes on each side.
    p_values : array
        Chance of a t-value as large where there is no effect.
    autocorrelation : float
        Of the errors from one time to the next, mended for what the fit takes away (:func:`autocorrelation`).
    """

    estimates: np.ndarray
    low: np.ndarray
    high: np.ndarray
    standard_errors: np.ndarray
    critical: np.ndarray
    p_values: np.ndarray
    autocorrelation: float


def bandwidth(points: int) -> int:
    """
    Return the last lag that Newey and West's sum holds: 1.3 times the root of the number of points, less one (Lazarus et al. 2018).

    Examples
    --------
    >>> bandwidth(96), bandwidth(12)
    (12, 4)
    """
    return int(np.ceil(1.3 * np.sqrt(points))) - 1


def newey_west(scores: np.ndarray, last_lag: int) -> np.ndarray:
    """
    Return the variance of sums of terms that follow one another, with Bartlett's weights (Newey and West 1987, equation 5).

    Parameters
    ----------
    scores : array, shape (n,) or (n, draws)
        Terms of each sum, with mean zero.
    last_lag : int
        Last lag that counts; 0 gives White's (1980) variance.

    Examples
    --------
    >>> float(newey_west(np.array([1.0, -1.0, 1.0]), 1))
    1.0
    """
    total = (scores**2).sum(axis=0)
    for lag in range(1, min(last_lag, len(scores) - 1) + 1):
        total = total + 2 * (1 - lag / (last_lag + 1)) * (scores[lag:] * scores[:-lag]).sum(axis=0)
    return np.asarray(total)


def autocorrelation(residuals: np.ndarray, design: np.ndarray) -> float:
    """
    Return the lag-1 autocorrelation of the errors behind residuals.

    A fit takes autocorrelation out of its residuals: here is that of a first-order autoregression whose residuals from this design would
    be expected to show what they do (ratio of expectations). Between -0.5 and 0.95.

    Parameters
    ----------
    residuals : array, shape (n,)
        Residuals of least squares.
    design : array, shape (n, p)
        Its design.

    Raises
    ------
    MeasureRefused
        If the fit leaves no residual.
    """
    if float(residuals @ residuals) < 1e-12:
        raise MeasureRefused("the fit goes through every point: there is no error to judge it by")
    seen = float(residuals[1:] @ residuals[:-1] / (residuals @ residuals))
    left, n = _residual_maker(design), len(residuals)
    shifted = left @ np.eye(n, k=1) @ left
    by_lag = np.array([[_along(matrix, lag) for lag in range(n)] for matrix in (shifted, left)])
    products, squares = by_lag @ _GRID ** np.arange(n)[:, None]  # expected sums for errors whose correlation at lag k is rho to the k
    expected = products / squares
    return float(np.interp(seen, expected, _GRID))


def _along(matrix: np.ndarray, lag: int) -> float:
    return float(np.trace(matrix, lag) + np.trace(matrix, -lag)) if lag else float(np.trace(matrix))


def _residual_maker(design: np.ndarray) -> np.ndarray:
    return np.asarray(np.eye(len(design)) - design @ np.linalg.pinv(design))


def serial_errors(
    design: np.ndarray,
    residuals: np.ndarray,
    coefficients: np.ndarray,
    contrasts: np.ndarray,
    seed: int,
    white: float = 0.0,
    confidence: float = 0.95,
    last_lag: int | None = None,
    draws: int = DRAWS,
) -> SerialErrors:
    """
    Return the errors of sums of least-squares coefficients under autocorrelation.

    Assumes that what autocorrelates is near to a first-order autoregression with positive correlation below 0.9. In simulation, 95 %
    intervals hold the truth in 93 to 97 % of series of 96 points and correlation up to 0.5, and of 12 to 36 points up to 0.3; in about 92 %
    of 15 points with 0.5, where no method knows the correlation.

    Parameters
    ----------
    design : array, shape (n, p)
        Rows in the order of time, without gaps.
    residuals : array, shape (n,)
        Residuals of the fit.
    coefficients : array, shape (p,)
        Of the fit.
    contrasts : array, shape (k, p)
        Sums of coefficients.
    seed : int
        Seed of the simulation.
    white : float
        Share of the residual variance that is known not to follow in time, as counting noise is (0 to 1).
    confidence : float
        Confidence level.
    last_lag : int, optional
        As in :func:`newey_west`; by default :func:`bandwidth`.
    draws : int
        Series simulated.

    Raises
    ------
    MeasureRefused
        As :func:`autocorrelation`.
    """
    lags = bandwidth(len(design)) if last_lag is None else last_lag
    found, simulated = simulated_errors(design, residuals, seed, white, draws)
    left, weights = _residual_maker(design) @ simulated, contrasts @ np.linalg.pinv(design)
    errors = np.sqrt([newey_west(weight * residuals, lags) for weight in weights])
    by_chance = np.array([np.abs(w @ simulated) / np.sqrt(newey_west(w[:, None] * left, lags)) for w in weights])
    estimates, critical = contrasts @ coefficients, np.quantile(by_chance, confidence, axis=1)
    as_large = (by_chance >= np.abs(estimates / errors)[:, None]).sum(axis=1)
    reach, p_values = critical * errors, (1 + as_large) / (1 + draws)
    return SerialErrors(estimates, estimates - reach, estimates + reach, errors, critical, p_values, found)


def simulated_errors(
    design: np.ndarray, residuals: np.ndarray, seed: int, white: float = 0.0, draws: int = DRAWS
) -> tuple[float, np.ndarray]:
    """
    Return series of errors such as may stand behind residuals: normal, with variance 1, one a column.

    Each has an autocorrelation drawn around the one estimated, which is itself unsure (variance by Bartlett 1946), and never below 0.

    Parameters
    ----------
    design, residuals, seed, white, draws
        As in :func:`serial_errors`.

    Returns
    -------
    float, array of shape (n, draws)
        The autocorrelation estimated (:func:`autocorrelation`), and the series.

    Raises
    ------
    MeasureRefused
        As :func:`autocorrelation`.
    """
    (n, p), found, rng = design.shape, autocorrelation(residuals, design), np.random.default_rng(seed)
    unsure = found + np.sqrt((1 - found**2) / (n - p)) * rng.normal(size=draws)
    latent = np.clip(np.maximum(unsure, 0) / max(1 - white, 1e-6), 0, _STRONGEST)  # white noise on top hides what follows in time
    shocks, noise = rng.normal(size=(n, draws)), rng.normal(size=(n, draws))
    following = np.empty_like(shocks)
    following[0] = shocks[0]
    for time in range(1, n):
        following[time] = latent * following[time - 1] + np.sqrt(1 - latent**2) * shocks[time]
    return found, np.asarray(np.sqrt(1 - white) * following + np.sqrt(white) * noise)
