"""Figures of publishable tables: points with their intervals, labelled in place; nothing that is hidden has a mark."""

from turquesa_stats.present.figures.cohorts import curves
from turquesa_stats.present.figures.maps import flows, is_on_map, locator
from turquesa_stats.present.figures.marks import Picture, is_drawable
from turquesa_stats.present.figures.persons import heat, pyramid
from turquesa_stats.present.figures.series import indexed, sparks, years
from turquesa_stats.present.figures.shares import dots, funnel, panels
from turquesa_stats.present.figures.together import upset

__all__ = [
    "Picture",
    "curves",
    "dots",
    "flows",
    "funnel",
    "heat",
    "indexed",
    "is_drawable",
    "is_on_map",
    "locator",
    "panels",
    "pyramid",
    "sparks",
    "upset",
    "years",
]
