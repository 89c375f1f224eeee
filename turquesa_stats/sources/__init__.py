"""Importers: one module a public source; a file goes in, validated tables and an account of every row come out."""
