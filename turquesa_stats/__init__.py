"""turquesa: statistics and reports on trafficking in persons and smuggling of migrants in the Americas."""

__version__ = "0.1.0"
