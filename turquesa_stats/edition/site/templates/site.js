// The search in each page's head and the filter of the index. No server, no request: the data are a script beside this one.
"use strict";
const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const byId = (id) => document.getElementById(id);
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const wordsOf = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const page = document.documentElement;
const said = JSON.parse(byId("search").dataset.said);
const SHOWN = 12;
const FIRST = 40;

/* search */
const known = window.turquesa;
let things = null;

function prepared() {
  if (things) return things;
  const own = Math.max(0, known.languages.indexOf(page.lang));
  things = known.countries.map(([code, names], number) => ({
    href: `${page.lang}/${code}/index.html`, title: names[own], note: "", lang: page.lang, own: true,
    text: wordsOf(`${code} ${names.join(" ")}`), headings: [], rank: [0, plain(names[own]), "", number],
  }));
  for (const [language, country, period, report, headings] of known.documents) {
    const [code, names] = known.countries[country];
    const [name, titles] = known.reports[report];
    const lang = known.languages[language];
    things.push({
      href: `${lang}/${code}/${period.replaceAll("/", "--")}/${name}.html`, title: titles[language], note: `${names[own]}, ${period}`,
      lang, own: language === own, key: `${country} ${period} ${report}`,
      text: wordsOf(`${code} ${names.join(" ")} ${titles.join(" ")} ${period}`),
      headings: headings.map((number) => [wordsOf(known.headings[number][0]), ...known.headings[number]]),
      rank: [1, plain(names[own]), period, report],
    });
  }
  return things;
}

function matched(thing, wanted) {
  let heading = null;
  const begins = (words, part) => words.some((word) => word.startsWith(part));
  const outside = wanted.filter((part) => !begins(thing.text, part));
  if (outside.length) {
    heading = thing.headings.find(([words]) => outside.every((part) => begins(words, part)));
    if (!heading) return null;
  }
  return { ...thing, heading, weight: outside.length };
}

function compared(a, b) {
  return a.weight - b.weight || a.rank[0] - b.rank[0] || a.rank[1].localeCompare(b.rank[1]) || b.rank[2].localeCompare(a.rank[2])
    || a.rank[3] - b.rank[3] || b.own - a.own;
}

function search(text) {
  const wanted = wordsOf(text);
  if (!wanted.length) return null;
  const found = prepared().map((thing) => matched(thing, wanted)).filter(Boolean).sort(compared);
  const taken = new Set();  // of one document in several languages the page's own, or else the first, is enough
  const own = new Set(found.filter((one) => one.own && one.key).map((one) => one.key));
  return found.filter((one) => {
    if (!one.key) return true;
    if (taken.has(one.key) || (!one.own && own.has(one.key))) return false;
    return taken.add(one.key);
  });
}

function item(one) {
  const line = document.createElement("li");
  const link = document.createElement("a");
  link.href = page.dataset.root + one.href + (one.heading && one.heading[2] ? `#${one.heading[2]}` : "");
  const parts = [["strong", one.title, one.lang], ["span", one.note, ""], ["em", one.heading ? one.heading[1] : "", one.lang]];
  for (const [kind, text, lang] of parts) {
    if (!text) continue;
    const part = document.createElement(kind);
    part.textContent = text;
    if (lang && lang !== page.lang) part.lang = lang;
    link.append(part, " ");
  }
  if (one.lang !== page.lang) link.hreflang = one.lang;
  line.append(link);
  return line;
}

const query = byId("query");
const results = byId("search-results");
const status = byId("search-status");

function show() {
  const found = search(query.value);
  results.replaceChildren(...(found || []).slice(0, SHOWN).map(item));
  results.hidden = !found || !found.length;
  status.textContent = !found ? "" : found.length
    ? filled(said.results, { shown: Math.min(SHOWN, found.length), all: found.length }) : said.found_nothing;
}

function close() {
  results.hidden = true;
  status.textContent = "";
}

function moved(event) {
  const links = [...results.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "Escape") {
    query.value = "";
    show();
    query.focus();
  } else if (event.key === "ArrowDown" && !results.hidden) {
    links[Math.min(at + 1, links.length - 1)].focus();
    event.preventDefault();
  } else if (event.key === "ArrowUp" && at >= 0) {
    (at ? links[at - 1] : query).focus();
    event.preventDefault();
  }
}

if (known) {
  const form = byId("search");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = results.querySelector("a");
    if (first && !results.hidden) first.click();
  });
  form.addEventListener("keydown", moved);
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
  query.addEventListener("input", show);
  query.addEventListener("focus", () => { if (query.value && results.hidden) show(); });
  results.addEventListener("mousedown", (event) => event.preventDefault());  // a click must not take the list away first
}

/* filter of the index */
const filter = byId("filter");
if (filter) {
  const rows = [...document.querySelectorAll("#works > li")].map((row) => [row, plain(row.textContent)]);
  const fields = Object.fromEntries(["text", "report", "period", "language"].map((name) => [name, byId(`filter-${name}`)]));
  const more = byId("more");
  let all = rows.length <= FIRST;
  const fits = (row, text) => wordsOf(fields.text.value).every((word) => text.includes(word))
    && (!fields.report.value || row.dataset.report === fields.report.value)
    && (!fields.period.value || row.dataset.period === fields.period.value)
    && (!fields.language.value || row.dataset.languages.split(" ").includes(fields.language.value));
  const apply = () => {
    let fitting = 0;
    let shown = 0;
    for (const [row, text] of rows) {
      const fit = fits(row, text);
      fitting += fit;
      row.hidden = !fit || !(all || fitting <= FIRST);
      shown += !row.hidden;
    }
    byId("filter-status").textContent = filled(said.count, { shown, all: rows.length });
    byId("nothing").hidden = fitting > 0;
    more.hidden = shown === fitting;
  };
  filter.hidden = false;
  filter.addEventListener("input", apply);
  filter.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    const next = rows.find(([row, text]) => row.hidden && fits(row, text));
    all = true;
    apply();
    if (next) next[0].querySelector("a").focus();
  });
  apply();
}
