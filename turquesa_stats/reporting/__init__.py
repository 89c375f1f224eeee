"""What the reports say: named blocks that put measures through disclosure onto pages; ``reports/*.qmd`` choose and order them."""

from turquesa_stats.reporting.report import Report, open_report

__all__ = ["Report", "open_report"]
