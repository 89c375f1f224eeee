"""Checks of act, means and purpose (Palermo Protocol, article 3) against the victim, the law and the offence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.linked import is_known, is_one_of, looked_up, yes
from turquesa_stats.schema.dates import out_of_order

_TRAFFICKING = ("TIP", "TIP_SOM")
_BY_SECTOR = frozenset(
    {"PUR_FORCED_LABOUR", "PUR_SERVITUDE", "PUR_DOMESTIC", "PUR_FORCED_CRIME", "PUR_BEGGING", "PUR_CHILD_LABOUR", "PUR_SEXUAL_AND_LABOUR"}
)
_MAY_HAVE_SECTOR = _BY_SECTOR | {"PUR_SLAVERY", "PUR_OTHER"}
_SEXUAL = frozenset({"PUR_SEXUAL", "PUR_SEXUAL_AND_LABOUR"})
_ANY_PURPOSE, _OTHER_PURPOSE = "0204", frozenset({"02044"})
_LABOUR_OR_OTHER = frozenset({"02042", "02044"})  # purposes that countries class differently
_NEAR_LABOUR = ("PUR_SLAVERY", "PUR_SERVITUDE", "PUR_DOMESTIC", "PUR_CHILD_LABOUR", "PUR_BEGGING", "PUR_FORCED_CRIME")
_OFFENCES = {
    "PUR_SEXUAL": frozenset({"02041"}),
    "PUR_FORCED_LABOUR": frozenset({"02042"}),
    "PUR_ORGANS": frozenset({"02043"}),
    "PUR_SEXUAL_AND_LABOUR": frozenset[str](),
    **dict.fromkeys(_NEAR_LABOUR, _LABOUR_OR_OTHER),
}
_LAW_DATES = ("valid_from", "valid_from_prec", "valid_to", "valid_to_prec")


def elements_of_formal_victims(tables: Tables) -> Iterator[Found]:
    """
    R10: each formally identified victim has an act and a purpose.

    Told and kept where the source says that the element is not known, or records it for nobody: then it is not collected, and a register
    of that kind would lose every victim.
    """
    formal = _formal_of_trafficking(tables)
    for kind in ("ACT", "PUR"):
        lacking, unsure = _lacking(tables, kind)
        yield Found("victim", formal & lacking & ~unsure, ("id_status", f"victim_element.{kind}"))
        yield Found("victim", formal & lacking & unsure, ("id_status", f"victim_element.{kind}"), only_warn=True)


def victims_without_their_elements(tables: Tables) -> pd.Series[bool]:
    """Whether each victim breaks R10 for certain."""
    broken = pd.Series(False, index=tables["victim"].index)
    for kind in ("ACT", "PUR"):
        lacking, unsure = _lacking(tables, kind)
        broken |= lacking & ~unsure
    return broken & _formal_of_trafficking(tables)


def adults_have_a_means(tables: Tables) -> Iterator[Found]:
    """
    R11: an adult victim has a means, unless the law in force asks for none.

    Told and kept, as gap to the Protocol, where that law asks for none; where the person is not formally identified, since the elements are
    then still being established; where the means is said to be unknown, or is recorded for nobody by the source.
    """
    victim = tables["victim"]
    lacking, unsure = _lacking(tables, "MNS")
    lacking &= is_one_of(victim["age_status_exploit"], ["ADULT"])
    gap = law_without_means(tables)
    sure = is_one_of(victim["id_status"], ["FORMAL"]) & ~unsure & ~gap
    yield Found("victim", lacking & sure, ("age_status_exploit", "id_status", "victim_element.MNS"))
    yield Found("victim", lacking & ~sure & ~gap, ("age_status_exploit", "id_status", "victim_element.MNS"), only_warn=True)
    yield Found("victim", lacking & gap, ("age_status_exploit", "legal_framework.means_element"), only_warn=True)


def children_need_no_means(tables: Tables) -> Iterator[Found]:
    """R12: a child without a means; allowed, and counted."""
    victim = tables["victim"]
    lacking, _ = _lacking(tables, "MNS")
    yield Found("victim", lacking & is_one_of(victim["age_status_exploit"], ["MINOR"]), ("age_status_exploit", "victim_element.MNS"))


def sector_and_form_fit_the_purpose(tables: Tables) -> Iterator[Found]:
    """
    R15: a sector goes with labour, a form of sexual exploitation with that purpose.

    Told and kept where no purpose is known, and where slavery or another purpose may mean labour.
    """
    victim, forms = tables["victim"], tables.get("victim_sex_form")
    some_purpose = _having(tables, "PUR")
    given = {"sector": is_known(victim["sector"])}
    if forms is not None:
        given["victim_sex_form.code"] = victim["victim_id"].isin(forms.loc[is_known(forms["code"]), "victim_id"])
    for field, fitting, perhaps in (("sector", _BY_SECTOR, _MAY_HAVE_SECTOR), ("victim_sex_form.code", _SEXUAL, _SEXUAL | {"PUR_OTHER"})):
        if field in given:
            wrong = given[field] & ~_having(tables, "PUR", fitting)
            sure = some_purpose & ~_having(tables, "PUR", perhaps)
            yield Found("victim", wrong & sure, (field, "victim_element.PUR"))
            yield Found("victim", wrong & ~sure, (field, "victim_element.PUR"), only_warn=True)


def offence_names_the_purpose(tables: Tables) -> Iterator[Found]:
    """R16: the code of the leading offence is that of the purpose of the victims, or the general one."""
    case, element = tables["case"], tables["victim_element"]
    special = case["iccs_lead"].astype("str").str.fullmatch(f"{_ANY_PURPOSE}.+") & is_one_of(case["crime_type"], _TRAFFICKING)
    purpose = element[is_one_of(element["element"], ["PUR"]) & is_known(element["code"])]
    of_case = looked_up(purpose["victim_id"], tables["victim"], "victim_id", "case_id")
    lead = looked_up(of_case, case, "case_id", "iccs_lead")
    named = pd.Series(
        [offence in _OFFENCES.get(code, _OTHER_PURPOSE) for code, offence in zip(purpose["code"], lead, strict=True)], index=purpose.index
    )
    yield Found("case", yes(special) & case["case_id"].isin(of_case[~named]), ("iccs_lead", "victim_element.PUR"))


def law_without_means(tables: Tables) -> pd.Series[bool]:
    """
    Whether a law that may have been in force when each victim's case began makes the means no element of trafficking in persons.

    The law is the one that the case names, or those of its country.
    """
    victim = tables["victim"]
    if "case" not in tables or "legal_framework" not in tables:
        return pd.Series(False, index=victim.index)
    case = tables["case"][["case_id", "legal_id", "country_report", "event_start", "event_start_prec"]]
    law = tables["legal_framework"]
    law = law[is_known(law["means_element"])][["legal_id", "iso3", "means_element", *_LAW_DATES]]
    named = case.drop(columns="country_report").merge(law, on="legal_id")
    unnamed = case[case["legal_id"].isna()].drop(columns="legal_id")
    of_country = unnamed.merge(
        law[_covers_trafficking(tables["legal_framework"]).loc[law.index]], left_on="country_report", right_on="iso3"
    )
    laws = pd.concat([named, of_country])
    laws = laws[in_force(laws)]
    return victim["case_id"].isin(laws.loc[~is_one_of(laws["means_element"], ["ELEMENT"]), "case_id"])


def in_force(laws: pd.DataFrame) -> pd.Series[bool]:
    """Whether each law may have been in force on the day beside it (``event_start``); an unknown day or bound excludes nothing."""
    before = out_of_order(laws["valid_from"], laws["valid_from_prec"], laws["event_start"], laws["event_start_prec"])
    after = out_of_order(laws["event_start"], laws["event_start_prec"], laws["valid_to"], laws["valid_to_prec"])
    return ~before & ~after


def _covers_trafficking(law: pd.DataFrame) -> pd.Series[bool]:
    if "covers" not in law:
        return pd.Series(True, index=law.index)
    return law["covers"].isna() | law["covers"].astype("str").isin(["TIP", "TIP_SOM", "BOTH"])


def _formal_of_trafficking(tables: Tables) -> pd.Series[bool]:
    victim = tables["victim"]
    crime = looked_up(victim["case_id"], tables["case"], "case_id", "crime_type")
    return is_one_of(victim["id_status"], ["FORMAL"]) & is_one_of(crime, _TRAFFICKING)


def _having(tables: Tables, kind: str, codes: frozenset[str] | None = None) -> pd.Series[bool]:
    """Whether each victim has a known element of a kind, or one of some codes of it."""
    element = tables["victim_element"]
    of_kind = is_one_of(element["element"], [kind])
    fitting = is_known(element["code"]) if codes is None else is_one_of(element["code"], codes)
    return tables["victim"]["victim_id"].isin(element.loc[of_kind & fitting, "victim_id"])


def _lacking(tables: Tables, kind: str) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Return whether each victim has no known element of a kind, and whether the source says why or records none for anybody."""
    victim, element = tables["victim"], tables["victim_element"]
    of_kind = element[is_one_of(element["element"], [kind])]
    said = victim["victim_id"].isin(of_kind["victim_id"])
    collected = victim["source_id"].isin(of_kind.loc[is_known(of_kind["code"]), "source_id"])
    return ~_having(tables, kind), said | ~collected


CHECKS: Mapping[str, Check] = {
    "R10": elements_of_formal_victims,
    "R11": adults_have_a_means,
    "R12": children_need_no_means,
    "R15": sector_and_form_fit_the_purpose,
    "R16": offence_names_the_purpose,
}
