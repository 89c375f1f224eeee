"""Calls to hotline 145 of Argentina: only trafficking, only direct victims, nobody identified, nothing that tells who a person is."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import SourceRefused
from turquesa_stats.measures.cases import victims
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.argentina_files import COLUMNS
from turquesa_stats.sources.argentina_linea145 import read, subthemes
from turquesa_stats.sources.contract import Import, import_file

TODAY = date(2026, 1, 2)
CALLS, PERSONS = "rescate-denuncias-202001-202112.csv", "oficina-rescate-denuncias-referidos-202001-202112.csv"
REFERRALS = tuple(f"derivacion{nth}_{what}" for nth in ("", "2", "3") for what in ("institucion", "fecha", "judicializa"))
CALL_COLUMNS = (
    "fecha_ingreso",
    "hora_ingreso",
    "nro_registro_interno",
    "tema",
    "subtema",
    "provincia",
    "localidad",
    "via_ingreso",
    *REFERRALS,
)
PERSON_COLUMNS = (
    "nro_registro_interno",
    "subtema",
    "referido_tipo",
    "nacionalidad",
    "localidad",
    "genero",
    "edad_aparente",
    "embarazada",
    "discapacidad",
)
ACCUSED = "named by a caller as accused: no authority has accused this person"
RELATIVE = "relative of a victim: not a victim of trafficking"
CALL_ASIDE = "its call was set aside"


def call(number: str = "1", subtema: str = "Explotación sexual", **cells: str) -> dict[str, str]:
    usual = {"fecha_ingreso": "2021-05-17", "tema": "Trata", "via_ingreso": "Línea 145", "nro_registro_interno": number, "subtema": subtema}
    return usual | cells


def person(number: str = "1", **cells: str) -> dict[str, str]:
    return {"nro_registro_interno": number, "referido_tipo": "Victima directa", "genero": "Mujer", "edad_aparente": "20"} | cells


def written(path: Path, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        table.writerows(rows)


def made(folder: Path, calls: list[dict[str, str]], persons: list[dict[str, str]]) -> Import:
    written(folder / CALLS, CALL_COLUMNS, calls)
    written(folder / PERSONS, PERSON_COLUMNS, persons)
    return read(folder, TODAY)


def found(result: Import) -> dict[str, int]:
    return {finding.what.partition(":")[0]: finding.count for finding in result.findings}


def purposes(result: Import) -> list[str]:
    element = result.tables["victim_element"]
    return sorted(element.loc[element["element"].eq("PUR"), "code"])


def real_rows(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of the real files, calls first, read here without the importer."""
    both = []
    for path in sorted(folder.glob("*.csv"), key=lambda path: "referidos" in path.name):
        with path.open(encoding="utf-8-sig", newline="") as file:
            both.append(list(csv.DictReader(file)))
    return both[0], both[1]


def test_every_row_of_both_real_files_is_accounted_for(linea145: Import) -> None:
    assert linea145.rows_read == 3_352 + 2_616
    assert (linea145.rows_kept, linea145.rows_merged, len(linea145.set_aside)) == (2_706 + 919, 0, 2_343)
    assert linea145.reasons == {
        ACCUSED: 1_089,
        CALL_ASIDE: 498,
        "its subtheme is a missing person, not said to be trafficked": 246,
        "its subtheme is another offence than trafficking in persons": 228,
        RELATIVE: 110,
        "its subtheme does not say what the call is about": 103,
        "its subtheme is no offence: a question, health, Covid-19 rules and the like": 67,
        "the hotline marked the call as not pertinent": 2,
    }
    told = {finding.what: finding.example for finding in linea145.findings}
    assert told["rows of the file of calls"] == "3,352 = 2,706 kept as cases + 646 set aside"
    assert told["rows of the file of persons"] == "2,616 = 919 kept as presumed victims + 1,697 set aside"
    assert {name: len(table) for name, table in linea145.tables.items()} == {
        "case": 2_706,
        "victim": 919,
        "victim_element": 2_761,
        "source": 1,
    }


def test_what_no_table_has_a_place_for_is_counted(linea145: Import) -> None:
    counts = found(linea145)
    assert counts["calls in which a person is named"] == 1_556
    assert counts["rows of persons that repeat another in every cell"] == 121
    assert [counts[f"cases with a {nth} referral, in no table"] for nth in ("first", "second", "third")] == [2_366, 392, 7]
    assert counts["cases with the day of the first referral before that of the call"] == 5
    assert counts["cases of which a referral was taken to court (judicializa), in no table"] == 2_019
    referred = next(finding.example for finding in linea145.findings if finding.what == "cases with a first referral, in no table")
    assert referred.startswith("Protex 1,559; ")
    assert "Dr" not in referred, "a body named after a person got few referrals and is not named"


def test_persons_of_the_real_files_stand_in_the_case_of_their_call(linea145: Import, linea145_folder: Path) -> None:
    calls, persons = real_rows(linea145_folder)
    codes = {"Mujer": "F", "Hombre": "M", "": "_U"}
    wanted: Counter[tuple[str, str, str]] = Counter()
    of_number = {one["nro_registro_interno"]: one for one in calls}
    for one in persons:
        of_call = of_number[one["nro_registro_interno"]]
        of_trafficking = subthemes()[of_call["subtema"].casefold().translate(str.maketrans("áéíóúñ", "aeioun"))].topic == "TIP"
        if one["referido_tipo"] == "Victima directa" and of_trafficking and of_call["via_ingreso"] != "llamada no pertinente":
            wanted[of_call["fecha_ingreso"], codes.get(one["genero"], "_O"), one["nacionalidad"] or "_N"] += 1
    case, victim = linea145.tables["case"], linea145.tables["victim"]
    joined = victim.merge(case[["case_id", "opened_on", "n_victims_reported"]], on="case_id", validate="many_to_one")
    names = {"ARG": "Argentina", "PRY": "Paraguay", "BOL": "Bolivia", "_N": "_N"}
    got = Counter((f"{row.opened_on:%Y-%m-%d}", row.sex, names[row.citizenship]) for row in joined.itertuples() if row.citizenship in names)
    assert got == Counter({key: count for key, count in wanted.items() if key[2] in names.values()})
    assert len(joined) == wanted.total()
    assert joined.groupby("case_id").size().eq(joined.groupby("case_id")["n_victims_reported"].first()).all()


def test_every_subtheme_of_the_real_file_has_been_decided(linea145_folder: Path) -> None:
    calls, _ = real_rows(linea145_folder)
    words = {one["subtema"] for one in calls}
    assert len(words) == 143
    with (Path(__file__).resolve().parent.parent / "data/schema/aliases/linea145_subtema.csv").open(encoding="utf-8", newline="") as file:
        decided = {row["subtema"]: row["topic"] for row in csv.DictReader(file)}
    assert set(decided) == words
    assert Counter(decided.values()) == {"OTHER_OFFENCE": 52, "TIP": 45, "NO_OFFENCE": 28, "NOT_SAID": 14, "MISSING_PERSON": 4}
    assert decided["Posible captación"] == "TIP"
    assert decided["Persona desaparecida"] == "MISSING_PERSON"


def test_a_purpose_is_a_form_of_exploitation_and_only_trafficking_has_one() -> None:
    forms = set(code_list("exploitation").codes)
    for word, decided in subthemes().items():
        named = decided.purposes.split(";") if decided.purposes else []
        assert set(named) <= forms, word
        assert bool(named) == (decided.topic == "TIP"), word
        assert "_U" not in named or len(named) == 1, word


def test_spellings_of_one_subtheme_are_decided_alike() -> None:
    path = Path(__file__).resolve().parent.parent / "data/schema/aliases/linea145_subtema.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    plain = str.maketrans("áéíóúñ", "aeioun")
    decided = {(row["subtema"].casefold().translate(plain), row["topic"], row["purposes"]) for row in rows}
    assert len(decided) == len({word for word, _, _ in decided}) == len(subthemes())


def test_no_place_hour_or_word_of_a_person_of_the_real_files_stands_in_a_table(linea145: Import, linea145_folder: Path) -> None:
    calls, persons = real_rows(linea145_folder)
    kept_as_codes = {"nacionalidad", "genero", "edad_aparente", "fecha_ingreso", "fecha_ingreso_denuncia"}
    forbidden = {cell for row in [*calls, *persons] for name, cell in row.items() if name not in kept_as_codes and len(cell) > 3}
    for name in ("case", "victim", "victim_element"):
        table = linea145.tables[name]
        for column in table:
            if isinstance(table[column].dtype, pd.CategoricalDtype | pd.StringDtype):
                held = {str(value) for value in table[column].dropna().unique()}
                assert not held & forbidden, (name, column)
                if not column.endswith("_id"):
                    assert not {text for text in forbidden for value in held if text.casefold() in value.casefold()}, (name, column)
            elif pd.api.types.is_datetime64_any_dtype(table[column]):
                days = table[column].dropna()
                assert days.eq(days.dt.normalize()).all(), (name, column)
    assert list(linea145.set_aside) == ["source_sheet", "source_row", "set_aside_reason"]
    victim = linea145.tables["victim"]
    for column in ("disability", "pregnancy", "age_registration_missing", "residence_recruit", "person_key"):
        assert set(victim[column].dropna()) <= {"_N"}, column
    assert victim["age_registration"].isna().all(), "an apparent age is no age"


def test_the_real_persons_are_presumed_victims_whom_no_report_counts_as_identified(linea145: Import) -> None:
    victim = linea145.tables["victim"]
    assert set(victim["id_status"]) == {"PRESUMED"}
    assert set(victim["id_by"]) == {"HOTLINE"}
    assert "accused" not in linea145.tables
    assert "case_accused" not in linea145.tables
    assert linea145.tables["case"]["n_accused_reported"].isna().all()
    for year in ("2020", "2021"):
        assert victims(dict(linea145.tables), "ARG", Period.parse(year)).empty
    source = linea145.tables["source"].iloc[0]
    assert (source["handling"], source["reporting_entity_type"], source["synthetic"]) == ("H0", "HOTLINE", False)
    assert "self-selected" in source["method_note"]


def test_a_call_on_trafficking_is_a_case_and_its_direct_victims_are_presumed(tmp_path: Path) -> None:
    result = made(tmp_path, [call()], [person(), person(referido_tipo="Víctima  Directa")])
    case = result.tables["case"].iloc[0]
    assert (case["country_report"], case["crime_type"], case["detected_via"]) == ("ARG", "TIP", "HOTLINE")
    assert (f"{case['opened_on']:%Y-%m-%d}", case["opened_on_prec"], case["n_victims_reported"]) == ("2021-05-17", "D", 2)
    victim = result.tables["victim"]
    assert set(victim["case_id"]) == {case["case_id"]}
    assert case["case_id"] != "1"
    assert victim["victim_id"].nunique() == 2, "two rows that agree may be two persons"
    element = result.tables["victim_element"]
    assert sorted(zip(element["element"], element["code"], strict=True)) == sorted(
        [("ACT", "_N"), ("MNS", "_N"), ("PUR", "PUR_SEXUAL")] * 2
    )


def test_persons_whose_rows_agree_in_every_cell_are_both_kept(tmp_path: Path) -> None:
    result = made(tmp_path, [call()], [person(), person()])
    assert result.tables["victim"]["victim_id"].nunique() == 2
    assert found(result)["rows of persons that repeat another in every cell"] == 1


def test_an_adult_in_a_call_on_children_stays_an_adult_and_is_told(tmp_path: Path) -> None:
    result = made(tmp_path, [call("1", "Explotación sexual niñas, niños y adolescentes")], [person(), person(edad_aparente="")])
    assert result.tables["victim"]["age_status_reg"].tolist() == ["ADULT", "_U"]
    assert found(result)["victims of an apparent age of 18 or more in calls on the exploitation of children"] == 1


def test_accused_and_relatives_enter_no_table(tmp_path: Path) -> None:
    persons = [
        person(referido_tipo="Acusado"),
        person(referido_tipo="Victima indirecta - familiar"),
        person(referido_tipo="Testigo"),
        person(),
    ]
    result = made(tmp_path, [call()], persons)
    assert result.reasons == {ACCUSED: 1, RELATIVE: 1, "referido_tipo says neither direct victim nor accused nor indirect victim": 1}
    assert len(result.tables["victim"]) == 1
    assert result.tables["case"]["n_victims_reported"].tolist() == [1]
    assert result.tables["case"]["n_accused_reported_missing"].tolist() == ["_N"]


def test_a_call_that_names_no_direct_victim_does_not_say_that_there_is_none(tmp_path: Path) -> None:
    case = made(tmp_path, [call("1"), call("2")], [person("1"), person("2", referido_tipo="Acusado")]).tables["case"]
    assert case["n_victims_reported"].isna().tolist() == [False, True]
    assert case["n_victims_reported_missing"].fillna("").tolist() == ["", "_U"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"subtema": "Persona desaparecida"}, "its subtheme is a missing person, not said to be trafficked"),
        ({"subtema": "Grooming"}, "its subtheme is another offence than trafficking in persons"),
        ({"subtema": "Covid-19"}, "its subtheme is no offence: a question, health, Covid-19 rules and the like"),
        ({"subtema": "Otro"}, "its subtheme does not say what the call is about"),
        ({"subtema": ""}, "its subtheme does not say what the call is about"),
        ({"subtema": "Palabra nueva"}, "its subtheme is not in data/schema/aliases/linea145_subtema.csv: decide there what it is"),
        ({"tema": "Otro"}, "its theme is not trafficking in persons"),
        ({"via_ingreso": "llamada no pertinente"}, "the hotline marked the call as not pertinent"),
    ],
)
def test_another_call_is_set_aside_with_its_persons(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    result = made(tmp_path, [call("1"), call("2") | cells], [person("1"), person("2"), person("2", referido_tipo="Acusado")])
    assert result.reasons == {reason: 1, CALL_ASIDE: 2}
    assert (result.rows_read, result.rows_kept) == (5, 2)
    assert [len(result.tables[name]) for name in ("case", "victim")] == [1, 1]


def test_a_number_on_two_calls_or_on_none_joins_nothing(tmp_path: Path) -> None:
    calls = [call("1"), call("2"), call("2", "Explotación laboral"), call("")]
    result = made(tmp_path, calls, [person("1"), person("2"), person("9"), person("")])
    assert result.reasons == {
        "its number stands on more than one call": 2,
        "it has no number": 1,
        CALL_ASIDE: 1,
        "no call has its number": 2,
    }
    assert purposes(result) == ["PUR_SEXUAL"]


@pytest.mark.parametrize(
    ("subtema", "codes"),
    [
        ("EXPLOTACION  laboral", ["PUR_FORCED_LABOUR"]),
        ("Explotación laboral, explotación sexual", ["PUR_FORCED_LABOUR", "PUR_SEXUAL"]),
        ("Servidumbre doméstica", ["PUR_DOMESTIC"]),
        ("Extracción forzosa de órganos, tejidos o fluidos", ["PUR_ORGANS"]),
        ("Posible captación", ["_U"]),
        ("Oferta laboral engañosa", ["_U"]),
    ],
)
def test_the_subtheme_names_the_purposes_or_none(tmp_path: Path, subtema: str, codes: list[str]) -> None:
    assert purposes(made(tmp_path, [call("1", subtema)], [person()])) == codes


@pytest.mark.parametrize(
    ("genero", "sex", "gender"),
    [
        ("Mujer", "F", "FEMININE"),
        ("Hombre", "M", "MASCULINE"),
        ("Transexual", "_O", "TRANS"),
        ("Travesti", "_O", "TRANS"),
        ("Transgénero", "_O", "TRANS"),
        ("", "_U", "_U"),
    ],
)
def test_a_transgender_person_is_counted_as_neither_by_guess(tmp_path: Path, genero: str, sex: str, gender: str) -> None:
    victim = made(tmp_path, [call()], [person(genero=genero)]).tables["victim"].iloc[0]
    assert (victim["sex"], victim["gender"]) == (sex, gender)


@pytest.mark.parametrize(
    ("age", "band", "status"),
    [
        ("0", "_U", "_U"),
        ("", "_U", "_U"),
        ("1", "Y0T5", "MINOR"),
        ("5", "Y0T5", "MINOR"),
        ("6", "Y6T11", "MINOR"),
        ("17", "Y12T17", "MINOR"),
        ("18", "Y18T29", "ADULT"),
        ("59", "Y30T59", "ADULT"),
        ("60", "Y_GE60", "ADULT"),
        ("100", "Y_GE60", "ADULT"),
    ],
)
def test_an_apparent_age_gives_a_group_and_zero_is_unknown(tmp_path: Path, age: str, band: str, status: str) -> None:
    victim = made(tmp_path, [call()], [person(edad_aparente=age)]).tables["victim"].iloc[0]
    assert (victim["age_band"], victim["age_status_reg"], victim["age_status_exploit"]) == (band, status, "_N")
    assert pd.isna(victim["age_registration"])


@pytest.mark.parametrize(
    ("name", "code"), [("", "_N"), ("Sin descripcion", "_UNK"), ("Otro", "_OTHER"), ("Peru", "PER"), ("Hungria", "HUN")]
)
def test_a_nationality_that_is_not_there_is_not_the_country_of_the_call(tmp_path: Path, name: str, code: str) -> None:
    assert made(tmp_path, [call()], [person(nacionalidad=name)]).tables["victim"]["citizenship"].tolist() == [code]


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("Línea 145", "HOTLINE"),
        ("linea 149", "HOTLINE"),
        ("Correo Institucional", "OTHER"),
        ("TELÈFONO INSTITUCIONAL", "OTHER"),
        ("", "_N"),
    ],
)
def test_what_came_by_mail_did_not_come_to_light_by_the_hotline(tmp_path: Path, way: str, code: str) -> None:
    assert made(tmp_path, [call(via_ingreso=way)], []).tables["case"]["detected_via"].tolist() == [code]


def test_a_cell_that_cannot_be_read_takes_its_row_and_what_hangs_on_it(tmp_path: Path) -> None:
    calls = [call("1"), call("2", fecha_ingreso="17 de mayo")]
    result = made(tmp_path, calls, [person("1"), person("1", edad_aparente="veinte"), person("1", nacionalidad="Atlantis"), person("2")])
    assert [len(result.tables[name]) for name in ("case", "victim")] == [1, 1]
    assert (result.rows_read, result.rows_kept, len(result.set_aside)) == (6, 2, 4)
    assert Counter(reason.split()[0] for reason in result.set_aside["set_aside_reason"]) == {"S01": 3, "S03": 1}
    assert sorted(zip(result.set_aside["source_sheet"], result.set_aside["source_row"], strict=True)) == [
        (PERSONS, 3),
        (PERSONS, 4),
        (PERSONS, 5),
        (CALLS, 3),
    ]


def test_referrals_are_counted_in_every_spelling(tmp_path: Path) -> None:
    calls = [
        call("1", derivacion_institucion="Protex", derivacion_fecha="2021-05-16 20:27", derivacion_judicializa="si"),
        call("2", derivacion_institucion="Juzgado del Dr. Nadie", derivacion_fecha="2021-05-17 00:01", derivacion_judicializa="No")
        | {"derivacion2_institucion": "Protex", "derivacion2_fecha": "2021-05-18", "derivacion2_judicializa": "SÍ"},
        call("3"),
    ]
    result = made(tmp_path, calls, [])
    counts = found(result)
    assert counts["cases with a first referral, in no table"] == 2
    assert counts["cases with a second referral, in no table"] == 1
    assert "cases with a third referral, in no table" not in counts
    assert counts["cases with the day of the first referral before that of the call"] == 1
    assert counts["cases of which a referral was taken to court (judicializa), in no table"] == 2
    assert "Nadie" not in result.account("x")


def test_calls_without_any_person_are_read(tmp_path: Path) -> None:
    result = made(tmp_path, [call()], [])
    assert [len(result.tables[name]) for name in ("case", "victim", "victim_element")] == [1, 0, 0]
    assert result.sums == "1 rows read = 1 kept + 0 set aside"


def test_a_file_without_any_call_on_trafficking_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match=r"none of its 1 rows can be used: its subtheme does not say"):
        made(tmp_path, [call("1", "Otro")], [person()])


@pytest.mark.parametrize("given", ["", CALLS, PERSONS])
def test_the_folder_or_either_file_gives_both(tmp_path: Path, given: str) -> None:
    made(tmp_path, [call()], [person()])
    assert read(tmp_path / given, TODAY).rows_read == 2


@pytest.mark.parametrize(
    ("gone", "said"), [(CALLS, "the file of calls, a CSV file with the columns"), (PERSONS, "the file of persons, a CSV")]
)
def test_a_missing_file_is_named(tmp_path: Path, gone: str, said: str) -> None:
    made(tmp_path, [call()], [person()])
    (tmp_path / gone).unlink()
    with pytest.raises(SourceRefused, match=f"{said}.* is not in it; both files are needed"):
        read(tmp_path, TODAY)
    with pytest.raises(SourceRefused, match=f"{said}.* is not beside it; both files are needed"):
        read(tmp_path / (PERSONS if gone == CALLS else CALLS), TODAY)


def test_files_of_several_periods_are_told_apart_by_their_names_or_not_at_all(tmp_path: Path) -> None:
    made(tmp_path, [call()], [person()])
    for name, columns, row in ((CALLS, CALL_COLUMNS, call("7")), (PERSONS, PERSON_COLUMNS, person("7"))):
        written(tmp_path / name.replace("202112", "202212"), columns, [row])
    assert read(tmp_path / CALLS, TODAY).rows_kept == 2
    with pytest.raises(SourceRefused, match="which file of calls is meant"):
        read(tmp_path, TODAY)


def test_another_file_is_not_taken_for_one_of_the_two(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceRefused, match="is neither the file of calls"):
        read(tmp_path / "other.csv", TODAY)
    assert set(COLUMNS) == {"calls", "persons"}


def test_the_workspace_holds_no_cell_of_a_row_set_aside(tmp_path: Path) -> None:
    source, workspace = tmp_path / "source", Workspace(tmp_path / "workspace")
    source.mkdir()
    made(source, [call("1"), call("2", "Otro", localidad="Macondo", hora_ingreso="03:33")], [person("1"), person("2", localidad="Macondo")])
    result = import_file("argentina-linea145", source, workspace, TODAY)
    assert result.rows_read == 4
    for path in workspace.folder.rglob("*.*"):
        assert b"Macondo" not in path.read_bytes(), path.name
        assert b"03:33" not in path.read_bytes(), path.name
