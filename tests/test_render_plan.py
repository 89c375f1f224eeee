from pathlib import Path

import pytest

from turquesa_stats.errors import PlanRefused, RenderFailed, UnknownParameter
from turquesa_stats.render.notebook import ReportFile, reports_in
from turquesa_stats.render.plan import Format, Grid, make_plan
from turquesa_stats.schema.location import project_root

REPORTS = reports_in(project_root() / "reports")
COVERAGE = {
    "official_stat.VICTIMS": {"COL": ["2018", "2019"], "PER": ["2020"]},
    "official_stat.PROSECUTIONS": {"COL": ["2019"]},
    "victim": {"XAA": ["2021"]},
    "judgement": {"AMERICAS": ["2020", "2021"]},
}


def grid(**changes: tuple[str, ...]) -> Grid:
    asked = {"reports": ("country-profile",), "countries": ("COL",), "periods": ("2019",), "languages": ("en",), "formats": ("html",)}
    return Grid(**(asked | changes), formats_of={})


def test_the_reports_declare_their_parameters_and_needs() -> None:
    of_countries = {"victim-demographics", "modus-operandi", "prosecution-outcomes", "country-profile", "operations", "routes", "training"}
    assert {name for name, report in REPORTS.items() if report.of == "country"} == of_countries
    assert {name for name, report in REPORTS.items() if report.of == "region"} == {"annual-threat-assessment", "regional-operations"}
    for report in REPORTS.values():
        assert report.parameters == ["country", "period", "language", "sections"]
        assert report.needs


def test_one_job_per_report_country_period_and_language() -> None:
    jobs = make_plan(grid(countries=("all",), periods=("all",), languages=("es", "fr")), REPORTS, COVERAGE)
    stems = {job.stem for job in jobs}
    assert stems == {
        f"{language}/{country}/{year}/country-profile"
        for language in ("es", "fr")
        for country, year in (("COL", "2018"), ("COL", "2019"), ("PER", "2020"), ("XAA", "2021"))
    }


def test_latest_is_the_latest_of_each_country_and_report() -> None:
    jobs = make_plan(grid(reports=("all",), countries=("all",), periods=("latest",)), REPORTS, COVERAGE)
    assert {(job.report, job.country, str(job.period)) for job in jobs} >= {
        ("country-profile", "COL", "2019"),
        ("victim-demographics", "PER", "2020"),
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"countries": ("COLL",)}, "did you mean COL"),
        ({"periods": ("20221",)}, "did you mean 2022"),
        ({"reports": ("victims",)}, "report 'victims' does not exist; did you mean victim-demographics"),
        ({"languages": ("sp",)}, "language 'sp' does not exist"),
        ({"formats": ("htm",)}, "did you mean html"),
        ({"periods": ("2017",)}, "no data for period 2017; did you mean 2018"),
        ({"periods": ("2019-Q1",)}, "no data for period 2019-Q1; did you mean 2019"),
        ({"countries": ("BRA",)}, "BRA has no data at all"),
        ({"reports": ("annual-threat-assessment",)}, "annual-threat-assessment is made of a region, not of COL; allowed: AMERICAS, "),
        ({"countries": ("AMERICAS",)}, "country-profile is made of a country, not of AMERICAS; allowed: a country"),
        ({"countries": ("COL", "AMERICAS")}, "no report asked for is made of AMERICAS; made of regions: annual-threat-assessment"),
        ({"countries": ("AMERICA",)}, "Regions: AMERICAS, "),
        (
            {"reports": ("annual-threat-assessment",), "countries": ("AMERICAS",), "periods": ("2018",)},
            "AMERICAS has no data for period 2018; did you mean 2020",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_the_nearest(changes: dict[str, tuple[str, ...]], told: str) -> None:
    with pytest.raises(PlanRefused, match=told):
        make_plan(grid(**changes), REPORTS, COVERAGE)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(PlanRefused) as told:
        make_plan(grid(countries=("COLL",), periods=("20221",), reports=("victims",), formats=("htm",)), REPORTS, COVERAGE)
    assert len(str(told.value).splitlines()) == 4


def test_nothing_selected_is_an_error() -> None:
    with pytest.raises(PlanRefused, match="nothing is selected"):
        make_plan(grid(countries=("all",), periods=("1999",)), REPORTS, COVERAGE)


def test_the_shipped_grids_are_read_and_unknown_keys_refused(tmp_path: Path) -> None:
    latest = Grid.read(project_root() / "reports/grid.yml", "latest")
    assert latest.formats_of["country-profile"] == ("html", "pdf", "docx")
    path = tmp_path / "grid.yml"
    path.write_text("mine: {report: [a]}\n")
    with pytest.raises(PlanRefused, match="unknown key 'report'; did you mean reports"):
        Grid.read(path, "mine")
    with pytest.raises(PlanRefused, match="no grid 'yours'"):
        Grid.read(path, "yours")


def test_exclusions_leave_documents_out() -> None:
    rule = {"country": "COL", "period": "2018"}
    asked = Grid(("country-profile",), ("all",), ("all",), ("en",), ("html",), {}, (rule,))
    assert "en/COL/2018/country-profile" not in {job.stem for job in make_plan(asked, REPORTS, COVERAGE)}


def test_parameters_are_injected_strictly() -> None:
    report = REPORTS["country-profile"]
    values = {"country": "PER", "period": "2021", "language": "es"}
    cells = report.with_parameters(values).cells
    assert cells[1].source == "country = 'PER'\nperiod = '2021'\nlanguage = 'es'"
    assert cells[1].metadata.tags == ["injected-parameters"]
    with pytest.raises(UnknownParameter, match="no parameter 'contry'; did you mean country"):
        report.with_parameters(values | {"contry": "PER"})
    with pytest.raises(UnknownParameter, match="'language' has no value"):
        report.with_parameters({"country": "PER", "period": "2021"})


def test_what_the_typesetters_do_not_share_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "r.qmd"
    path.write_text("```{python}\n#| tags: [parameters]\na = 1\n```\n\n```{python}\n#| fig-cap: x\n1\n```\n")
    with pytest.raises(RenderFailed, match="'fig-cap' is outside the dialect"):
        _ = ReportFile(path).notebook


def test_formats_are_in_a_fixed_order() -> None:
    assert list(Format) == ["html", "pdf", "docx"]


def test_all_makes_reports_of_countries_for_countries_and_of_regions_for_regions() -> None:
    jobs = make_plan(grid(reports=("all",), countries=("all",), periods=("all",)), REPORTS, COVERAGE)
    assert {(job.report == "annual-threat-assessment", job.country == "AMERICAS") for job in jobs} == {(True, True), (False, False)}
    assert {str(job.period) for job in jobs if job.country == "AMERICAS"} == {"2020", "2021"}


def test_countries_and_regions_can_be_asked_for_together() -> None:
    asked = grid(reports=("country-profile", "annual-threat-assessment"), countries=("COL", "AMERICAS"), periods=("latest",))
    assert {job.stem for job in make_plan(asked, REPORTS, COVERAGE)} == {
        "en/COL/2019/country-profile",
        "en/AMERICAS/2021/annual-threat-assessment",
    }


def test_a_report_of_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.qmd").write_text("---\nturquesa: {of: regions}\n---\n")
    with pytest.raises(RenderFailed, match=r"odd.qmd: 'of: regions' .* did you mean region"):
        _ = ReportFile(tmp_path / "odd.qmd").of
