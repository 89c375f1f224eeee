"""The edition: what leaves turquesa: documents as one site, the data dictionary, tables for other programs."""
