"""What figures draw: every mark is a number of the table, nothing hidden has one, and the alt text says the same."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from turquesa_stats.disclosure.gate import Origin, PublishableTable, Verdict, protect, without_hidden
from turquesa_stats.measures.index_numbers import indexed, since_common_year
from turquesa_stats.methods.rates import rate_ratio
from turquesa_stats.present import figures, style
from turquesa_stats.present.figures import cohorts, maps, marks, persons, series, shares, together
from turquesa_stats.present.outlines import outlines, place
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import code_list

EN = Words("en")
SHOWN, HIDDEN = Verdict(), Verdict("small")
# Machado, Oliveira and Fernandes 2009, table 1, severity 1: what a person with each deficiency sees of linear RGB
DEFICIENCIES = {
    "none": np.eye(3),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Keep the pictures that are finished."""
    kept: list[Figure] = []

    def finish(picture: Figure, mark: str | None) -> bytes:
        kept.append(picture)
        return style.finish(picture, mark)

    for module in (cohorts, maps, persons, series, shares, together):
        monkeypatch.setattr(module, "finish", finish)
    return kept


def share_rows(keys: list[dict[str, Any]], counts: list[int], n: int) -> pd.DataFrame:
    every = pd.DataFrame(keys).assign(count=counts, n=n)
    share = every["count"] / n
    return every.assign(value=share, low=share - 0.04, high=share + 0.05, flag="", method="wilson")


def hide(rows: pd.DataFrame, *hidden: int, origin: Origin = Origin.CASES) -> PublishableTable:
    verdicts = [HIDDEN if place in hidden else SHOWN for place in range(len(rows))]
    return protect(rows, origin, ["a source"], 10, verdicts)


def points(axes: Axes) -> list[tuple[float, float]]:
    """Return the marks that are single points."""
    return [(float(x[0]), float(y[0])) for line in axes.lines for x, y in [line.get_data()] if len(x) == 1]


def texts(picture: Figure) -> list[str]:
    return [text.get_text() for axes in picture.axes for text in axes.texts]


GROUPED = [{"code": code, "group": group} for code in ("PUR_SEXUAL", "PUR_FORCED_LABOUR") for group in ("WOMEN", "MEN")]


def test_shares_are_drawn_where_the_table_has_them(drawn: list[Figure]) -> None:
    table = hide(share_rows([{"code": "SELF"}, {"code": "NGO"}, {"code": "HOTLINE"}], [60, 4, 30], 94), 1)
    _, alt = figures.dots(table, lambda row: row["code"], EN)
    (axes,) = drawn[0].axes
    assert points(axes) == [(60 / 94, 2.0), (30 / 94, 0.0)]
    spans = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]
    assert spans == [pytest.approx((share - 0.04, share + 0.05)) for share in (60 / 94, 30 / 94)]
    assert axes.get_xlim()[0] == 0
    assert "SELF: 64% (60% to 69%) · 60" in alt
    assert "NGO: hidden" in alt


def test_panels_of_groups_have_one_axis_and_no_mark_for_what_is_hidden(drawn: list[Figure]) -> None:
    table = hide(share_rows(GROUPED, [60, 5, 20, 40], 100), 1)
    _, alt = figures.panels(table, lambda code: code, lambda group: group, EN)
    women, men = drawn[0].axes
    assert points(women) == [(0.6, 1.0), (0.2, 0.0)]
    assert points(men) == [(0.4, 0.0)]
    assert women.get_xlim() == men.get_xlim()
    assert texts(drawn[0]).count("hidden") == 1
    assert "PUR_SEXUAL, MEN: hidden; PUR_FORCED_LABOUR, WOMEN: 20% (16% to 25%)" in alt


def test_a_funnel_shows_the_cohort_and_each_step_as_its_share(drawn: list[Figure]) -> None:
    table = hide(share_rows([{"step": step} for step in ("ENDED", "CONVICTED", "CUSTODY")], [80, 40, 6], 100), 2)
    _, alt = figures.funnel(table, lambda row: row["step"], "charged", EN)
    (axes,) = drawn[0].axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([1.0, 0.8, 0.4])
    assert "100" in texts(drawn[0])  # the denominator
    assert "ENDED: 80% (76% to 85%) · 80; CONVICTED: 40% (36% to 45%) · 40; CUSTODY: hidden" in alt


def test_an_upset_has_the_dots_and_bar_of_each_combination_and_no_line_for_a_hidden_one(drawn: list[Figure]) -> None:
    rows = share_rows([{"code": code} for code in ("A+C", "B", "A+B+C", "OTHER", "A")], [40, 25, 20, 12, 3], 100)
    columns = [(code, f"kind {code}") for code in "ABC"]
    table = without_hidden(hide(rows, 4), "code")
    _, alt = figures.upset(table, lambda row: row["code"], lambda row: row["code"].split("+"), columns, EN)
    matrix, bars = drawn[0].axes
    assert [text.get_text() for text in matrix.get_xticklabels()] == ["kind A", "kind B", "kind C"]
    full = [line for line in matrix.lines if line.get_marker() == "o" and line.get_color() == style.INK]
    assert [(list(line.get_xdata()), set(line.get_ydata())) for line in full] == [([0, 2], {3}), ([1], {2}), ([0, 1, 2], {1})]
    assert [text.get_text() for text in matrix.texts] == ["OTHER"]  # of none of the columns: named instead
    assert [(bar.get_width(), bar.get_y() + bar.get_height() / 2) for bar in bars.patches] == [
        pytest.approx(one) for one in ((0.40, 3), (0.25, 2), (0.20, 1), (0.12, 0))
    ]
    spans = {tuple(line.get_xdata()) for line in bars.lines if line.get_marker() == "|"}
    assert spans == {(row["low"], row["high"]) for row in marks.rows_of(table)}
    assert bars.get_xlim()[0] == 0
    assert "A+C: 40% (36% to 45%) · 40; B: 25% (21% to 30%) · 25; A+B+C: 20% (16% to 25%) · 20; OTHER: 12% (8% to 17%) · 12." in alt


def test_an_upset_of_a_combination_of_nobody_equals_that_of_a_hidden_one() -> None:
    def draw(count: int) -> figures.Picture:
        table = without_hidden(hide(share_rows([{"code": "A"}, {"code": "B"}], [40, count], 100), 1), "code")
        return figures.upset(table, lambda row: row["code"], lambda row: [row["code"]], [("A", "A"), ("B", "B")], EN)

    assert draw(0) == draw(7)


def test_cells_without_anybody_look_like_hidden_ones(drawn: list[Figure]) -> None:
    rows = share_rows(GROUPED, [60, 5, 20, 40], 100)
    figures.heat(hide(rows, 1), lambda code: code, lambda group: group, EN)
    figures.heat(hide(rows.drop(index=1)), lambda code: code, lambda group: group, EN)
    first, second = ([(box.get_xy(), box.get_hatch(), box.get_facecolor()) for box in picture.axes[0].patches] for picture in drawn)
    assert first == second
    assert [bool(hatch) for _, hatch, _ in first].count(True) == 1
    assert texts(drawn[0]) == texts(drawn[1])


def test_shares_known_by_their_limits_alone_are_drawn_as_limits(drawn: list[Figure]) -> None:
    rows = share_rows(GROUPED, [60, 50, 20, 40], 100).assign(step=["a", "b", "c", "d"])
    rows["value"] = rows["value"].where(rows.index != 1)
    figures.heat(publish(rows), lambda code: code, lambda group: group, EN)
    assert not any(box.get_hatch() for box in drawn[0].axes[0].patches)
    assert "46% to 55%" in texts(drawn[0])
    figures.panels(publish(rows), lambda code: code, lambda group: group, EN)
    assert points(drawn[1].axes[1]) == [(0.4, 0.0)]
    assert "46% to 55%" in texts(drawn[1])
    figures.funnel(publish(rows), lambda row: row["step"], "charged", EN)
    assert len(drawn[2].axes[0].patches) == 4  # the cohort and three steps
    assert [0.46, 0.55] in [list(np.round(line.get_xdata(), 2)) for line in drawn[2].axes[0].lines]


def test_a_cohort_is_drawn_at_the_published_months_alone(drawn: list[Figure]) -> None:
    keys = [{"outcome": "CONVICTED", "months": months} for months in (6, 12, 18, 24)]
    table = hide(share_rows(keys, [10, 3, 30, 45], 100), 1)
    _, alt = figures.curves(table, lambda outcome: outcome, EN)
    (axes,) = drawn[0].axes
    assert points(axes) == [(6, 0.1), (18, 0.3), (24, 0.45)]
    steps = [line.get_xydata().tolist() for line in axes.lines if len(line.get_xdata()) == 3]
    assert steps == [[[18, 0.3], [24, 0.3], [24, 0.45]]]  # nothing joins 6 and 18 months, between which one is hidden
    assert axes.get_ylim()[0] == 0
    assert "12: hidden" in alt


def yearly(agency: str, counts: dict[int, int], breaks: tuple[int, ...] = ()) -> pd.DataFrame:
    rows = pd.DataFrame({"year": list(counts), "value": [float(count) for count in counts.values()]})
    named = {"publisher": agency, "source_agency": agency, "indicator": "x", "unit_measure": "PERSONS", "citation": "a source"}
    flags = ["break" if year in breaks else "" for year in counts]
    return rows.assign(low=rows["value"] * 0.9, high=rows["value"] * 1.1, flag=flags, **named)


def publish(rows: pd.DataFrame) -> PublishableTable:
    return protect(rows, Origin.OFFICIAL, ["a source"])


def test_no_line_joins_years_across_a_gap_or_a_break(drawn: list[Figure]) -> None:
    rows = yearly("UNODC", {2012: 20, 2013: 30, 2015: 40, 2016: 80, 2017: 90}, breaks=(2016, 2017))
    figures.years(publish(rows), lambda row: row["publisher"], EN)
    (axes,) = drawn[0].axes
    joined = [tuple(x) for line in axes.lines for x, y in [line.get_data()] if len(x) == 2 and x[0] != x[1] and line.get_linestyle() == "-"]
    assert joined == [(2012, 2013), (2016, 2017)]
    assert [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"] == [2015.5]  # one mark for one break
    hollow = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1 and line.get_markerfacecolor() == "white"]
    assert hollow == [2016, 2017]
    assert axes.get_ylim()[0] == 0


def test_an_index_is_100_in_the_first_year_and_again_after_a_break() -> None:
    found = indexed(yearly("UNODC", {2012: 4, 2013: 50, 2014: 100, 2015: 25, 2016: 60, 2017: 90}, breaks=(2016, 2017)))
    assert found["year"].tolist() == [2013, 2014, 2015, 2016, 2017]  # 4 is too few to be 100
    assert found["value"].tolist() == pytest.approx([100, 200, 50, 100, 150])
    assert found["flag"].tolist() == ["", "", "", "break", ""]
    assert found["segment"].tolist() == [0, 0, 0, 1, 1]
    assert found["low"].isna().tolist() == [True, False, False, True, False]
    known = rate_ratio(100, 50)
    assert found.loc[1, ["low", "high"]].tolist() == pytest.approx([100 * known.low, 100 * known.high])  # type: ignore[operator]


def test_an_index_takes_no_count_that_is_not_exact_and_no_series_of_two_years() -> None:
    short, vague = yearly("a", {2012: 20, 2013: 30}), yearly("b", {2012: 20, 2013: 30, 2014: 50}).assign(flag="about")
    assert indexed(pd.concat([short, vague], ignore_index=True)).empty


def test_series_on_one_scale_have_one_year_as_100() -> None:
    rows = pd.concat([yearly("a", {year: 20 + year - 2008 for year in range(2008, 2019)}), yearly("b", {2014: 30, 2015: 40, 2016: 20})])
    found = indexed(since_common_year(rows))
    assert found.groupby("publisher")["year"].min().to_dict() == {"a": 2014, "b": 2014}
    assert found.loc[found["year"].eq(2014), "value"].tolist() == [100, 100]


FLOWS = pd.DataFrame(
    {
        "counterpart_area": ["COL", "VEN", "ECU", "CHN", "PER"],
        "count_low": [40, 12, 0, 3, 0],
        "count_high": [40, 12, 4, 3, 0],
        "flag": "",
        "value": np.nan,
    }
)


def test_a_map_of_citizenships_has_a_disc_for_each_country_it_can_place(drawn: list[Figure]) -> None:
    _, alt = figures.flows(publish(FLOWS), "COL", EN)
    (axes,) = drawn[0].axes
    assert points(axes) == [place("COL"), place("VEN"), place("ECU")]
    solid = [line.get_markerfacecolor() != "white" for line in axes.lines if len(line.get_xdata()) == 1]
    assert solid == [True, True, False]  # of ECU only the limits are known
    assert alt.endswith("Colombia: 40; Venezuela: 12; Ecuador: <5.")
    width = drawn[0].get_size_inches()[0] * drawn[0].dpi
    ends = [text.get_window_extent() for text in axes.texts if text.get_text()]
    assert all(box.x0 >= 0 and box.x1 <= width for box in ends)


@pytest.mark.parametrize("code", ["COL", "GRD", "CAN", "MTQ"])
def test_the_country_is_within_its_map(code: str, drawn: list[Figure]) -> None:
    figures.locator(publish(pd.DataFrame([{"citation": "a source"}])), code, EN)
    (axes,) = drawn[0].axes
    x, y = place(code)
    assert axes.get_xlim()[0] < x < axes.get_xlim()[1]
    assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_every_country_and_territory_of_the_americas_has_an_outline() -> None:
    subregions = code_list("area").column("m49_subregion")
    americas = {code for code, of in subregions.items() if of in {"CARIBBEAN", "CENTRAL_AMERICA", "SOUTH_AMERICA", "NORTHERN_AMERICA"}}
    assert len(americas) > 45
    assert americas - set(outlines()) <= {"BVT", "SGS"}  # nobody lives there
    assert all(outline.is_valid and outline.area > 0 for code, outline in outlines().items() if code in americas)


def test_outlines_keep_areas_in_proportion() -> None:
    area = {code: outlines()[code].area * 111.195**2 for code in ("BRA", "COL", "CAN")}  # square kilometres; Canada without its great lakes
    assert area == pytest.approx({"BRA": 8.51e6, "COL": 1.14e6, "CAN": 9.98e6}, rel=0.03)


def _lab(colour: str, seen: np.ndarray) -> np.ndarray:
    part = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.clip(seen @ np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4), 0, 1)
    white = np.array([0.95047, 1, 1.08883])
    matrix = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    ratio = matrix @ linear / white
    curved = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * curved[1] - 16, 500 * (curved[0] - curved[1]), 200 * (curved[1] - curved[2])])


@pytest.mark.parametrize("deficiency", [name for name in DEFICIENCIES if name != "grey"])
def test_the_first_colours_are_apart_for_the_colour_blind(deficiency: str) -> None:
    seen = [_lab(colour, DEFICIENCIES[deficiency]) for colour in style.PALETTE[:4]]
    nearest = min(float(np.linalg.norm(one - other)) for place, one in enumerate(seen) for other in seen[:place])
    assert nearest > 10  # CIE 1976; 2.3 is just noticed


def test_in_grey_series_are_told_apart_by_marker_and_names_can_be_read() -> None:
    assert len(set(marks.MARKERS)) == len(marks.MARKERS) >= len(style.PALETTE)
    lightness = [_lab(colour, DEFICIENCIES["grey"])[0] for colour in style.PALETTE]
    assert max(lightness) < 50  # contrast with white above 4.5
    assert len({round(one) for one in lightness}) == len(lightness)


@pytest.mark.parametrize(
    "draw",
    [
        lambda table: figures.dots(table, lambda row: row["code"], EN),
        lambda table: figures.heat(table, lambda code: code, lambda group: group, EN),
    ],
)
def test_a_picture_says_that_its_data_are_synthetic_and_nothing_of_itself(draw: Callable[[PublishableTable], figures.Picture]) -> None:
    real, made_up = (hide(share_rows(GROUPED, [60, 50, 20, 40], 100), origin=origin) for origin in (Origin.CASES, Origin.SYNTHETIC))
    plain, marked = (draw(table)[0] for table in (real, made_up))
    assert plain != marked
    assert draw(made_up)[0] == marked  # same input, same bytes
    with Image.open(io.BytesIO(marked)) as picture:
        assert set(picture.info) <= {"dpi"}
        band = picture.convert("RGB").crop((0, 4, 20, 10)).getcolors()
    assert band is not None
    assert len(band) == 1
    assert band[0][1] == (0xFF, 0xF3, 0xEC)
