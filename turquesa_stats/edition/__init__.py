"""The edition: all documents of a folder as one site."""
