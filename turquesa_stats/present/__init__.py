"""Pages: figures, tables, words in four languages, alt text and number formats; only publishable tables come in."""
