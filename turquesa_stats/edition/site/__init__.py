"""The site of an edition: pages by country, report, period and language, a search that needs no server, and downloads."""
