"""The SDMX-ML 2.1 structure message of official figures: dataflow, code lists, concepts and data structure definition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # writes only; nothing is parsed

from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.tables import Field, FieldType, table_schema

if TYPE_CHECKING:
    import pandas as pd

AGENCY, FLOW, CONCEPTS, VERSION = "TURQUESA", "OFFICIAL_STAT", "CS_OFFICIAL_STAT", "1.0"
STRUCTURE_ID = f"{AGENCY}:{FLOW}({VERSION})"
TIME_TEXT = "ObservationalTimePeriod"
_NAMESPACES = {
    "mes": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message",
    "str": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure",
    "com": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common",
}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT = {FieldType.NUMBER: "Double", FieldType.INTEGER: "Integer", FieldType.BOOLEAN: "Boolean"}
_SOURCES = "CL_SOURCE"


def structure(dimensions: Sequence[Field], measure: Field, attributes: Sequence[Field], sources: pd.DataFrame) -> bytes:
    """
    Return the structure message as XML.

    Parameters
    ----------
    dimensions : sequence of Field
        What identifies a figure; the time last.
    measure : Field
        What holds the value.
    attributes : sequence of Field
        What says more of it.
    sources : DataFrame
        The sources of the figures: a code list of its own.
    """
    for prefix, address in _NAMESPACES.items():
        ET.register_namespace(prefix, address)
    table = table_schema("official_stat")
    held = [*dimensions, measure, *attributes]
    root = ET.Element(_tag("mes:Structure"))
    _header(_add(root, "mes:Header"), sources)
    parts = _add(root, "mes:Structures")
    flow = _item(_add(parts, "str:Dataflows"), "str:Dataflow", FLOW, table.title, table.description)
    _refer(_add(flow, "str:Structure"), id=FLOW, version=VERSION, agencyID=AGENCY, package="datastructure", **{"class": "DataStructure"})
    _code_lists(_add(parts, "str:Codelists"), held, sources)
    scheme = _item(_add(parts, "str:Concepts"), "str:ConceptScheme", CONCEPTS, table.title)
    for field in held:
        _item(scheme, "str:Concept", field.name.upper(), field.label, field.description)
    definition = _item(_add(parts, "str:DataStructures"), "str:DataStructure", FLOW, table.title, table.description)
    _components(_add(definition, "str:DataStructureComponents"), dimensions, measure, attributes)
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _header(header: ET.Element, sources: pd.DataFrame) -> None:
    """Fill the header; its day is that of the latest reading, so that the same data give the same bytes."""
    _add(header, "mes:ID").text = FLOW
    _add(header, "mes:Test").text = "false"
    _add(header, "mes:Prepared").text = sources["loaded_at"].max().strftime("%Y-%m-%d")
    _add(header, "mes:Sender", id=AGENCY)


def _code_lists(parent: ET.Element, held: Sequence[Field], sources: pd.DataFrame) -> None:
    first = {field.codes: field for field in reversed(held) if field.codes}
    for name, field in sorted(first.items()):
        codes = code_list(name)
        listed = _item(parent, "str:Codelist", _list_id(field), field.label)
        for code in codes.codes:
            _item(listed, "str:Code", code, {language: codes.label(code, language) for language in Language})
    listed = _item(parent, "str:Codelist", _SOURCES, table_schema("source").title)
    for source_id, title, citation in zip(sources["source_id"], sources["title"], sources["citation"], strict=True):
        _item(listed, "str:Code", source_id, {Language.EN: title}, {Language.EN: citation})


def _list_id(field: Field) -> str:
    return _SOURCES if field.name == "source_id" else f"CL_{(field.codes or '').upper()}"


def _components(parent: ET.Element, dimensions: Sequence[Field], measure: Field, attributes: Sequence[Field]) -> None:
    listed = _add(parent, "str:DimensionList", id="DimensionDescriptor")
    for place, field in enumerate(dimensions[:-1], start=1):
        _component(listed, "str:Dimension", field, position=str(place))
    _component(listed, "str:TimeDimension", dimensions[-1], position=str(len(dimensions)))
    listed = _add(parent, "str:AttributeList", id="AttributeDescriptor")
    for field in attributes:
        attribute = _component(listed, "str:Attribute", field, assignmentStatus="Conditional" if field.nullable else "Mandatory")
        _refer(_add(_add(attribute, "str:AttributeRelationship"), "str:PrimaryMeasure"), id=measure.name.upper())
    _component(_add(parent, "str:MeasureList", id="MeasureDescriptor"), "str:PrimaryMeasure", measure)


def _component(parent: ET.Element, tag: str, field: Field, **attributes: str) -> ET.Element:
    """Add a component: the concept that it is, and the code list or the kind of text that it takes."""
    element = _add(parent, tag, id=field.name.upper(), **attributes)
    scheme = {"maintainableParentID": CONCEPTS, "maintainableParentVersion": VERSION, "package": "conceptscheme", "class": "Concept"}
    _refer(_add(element, "str:ConceptIdentity"), id=field.name.upper(), agencyID=AGENCY, **scheme)
    taken = _add(element, "str:LocalRepresentation")
    if field.codes or field.name == "source_id":
        kind = {"package": "codelist", "class": "Codelist"}
        _refer(_add(taken, "str:Enumeration"), id=_list_id(field), version=VERSION, agencyID=AGENCY, **kind)
    else:
        _add(taken, "str:TextFormat", textType=TIME_TEXT if tag == "str:TimeDimension" else _TEXT.get(field.type, "String"))
    return element


def _item(parent: ET.Element, tag: str, name: str, label: Mapping[str, str], description: Mapping[str, str] | None = None) -> ET.Element:
    """Add a named element; one that stands for itself also says whose it is and which version."""
    whose = {} if tag in {"str:Code", "str:Concept"} else {"agencyID": AGENCY, "version": VERSION}
    element = _add(parent, tag, id=name, **whose)
    for part, texts in (("com:Name", label), ("com:Description", description or {})):
        for language, text in texts.items():
            said = _add(element, part)
            said.set(_LANG, str(language))
            said.text = _NOT_XML.sub("\ufffd", text)
    return element


def _refer(parent: ET.Element, **to: str) -> None:
    ET.SubElement(parent, "Ref", to)


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _tag(tag), attributes)


def _tag(tag: str) -> str:
    prefix, name = tag.split(":")
    return f"{{{_NAMESPACES[prefix]}}}{name}"
