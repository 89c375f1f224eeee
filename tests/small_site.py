"""A site of a few documents that nobody rendered: journal entries, pages of two headings, and the figures that ship."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from turquesa_stats.edition.site.writing import write_site
from turquesa_stats.present.words import Words
from turquesa_stats.render.journal import Entry, append, read_journal
from turquesa_stats.schema.workspace import Workspace

PAGE = '<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head><body><main><h1>{title}</h1>{body}</main></body></html>'
BODY = {"en": ("Recruitment", "Sentences"), "es": ("Captación", "Penas"), "fr": ("Recrutement", "Peines"), "pt": ("Recrutamento", "Penas")}
DOCUMENTS = [
    ("country-profile", "PER", "2020", "es en fr pt", "html pdf docx ipynb"),
    ("country-profile", "PER", "2019", "es en", "html ipynb"),
    ("victim-demographics", "PER", "2019/2020", "es", "html ipynb"),
    ("country-profile", "HTI", "2019", "fr", "html ipynb"),
    ("modus-operandi", "XAA", "2021", "en pt", "html ipynb"),
    *(("prosecution-outcomes", code, "2018", "en", "html ipynb") for code in ("ARG", "BRA", "TTO")),
]


def put_documents(folder: Path) -> list[Entry]:
    """Write the documents and their journal."""
    for report, country, period, languages, formats in DOCUMENTS:
        for language in languages.split():
            stem = f"{language}/{country}/{period.replace('/', '--')}/{report}"
            title = Words(language)(f"report.{report}")
            headings = "".join(f'<h2 id="part-{letter}">{text}</h2>' for letter, text in zip("ab", BODY[language], strict=True))
            files = {}
            for kind in formats.split():
                path = folder / f"{stem}.{kind}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(PAGE.format(language=language, title=title, body=headings))
                files[f"{stem}.{kind}"] = hashlib.sha256(path.read_bytes()).hexdigest()
            append(folder, Entry(stem, {}, {}, title, report, country, period, language, country == "XAA", "", 0.0, files))
    return list(read_journal(folder).values())


def make_site(folder: Path, workspace: Workspace | None = None, address: str = "", without: str = "") -> None:
    """Write the site; ``without`` leaves a country's documents out."""
    entries = [replace(entry, seconds=1.0) for entry in put_documents(folder) if entry.country != without]
    write_site(folder, entries, "es", workspace=workspace, address=address)
