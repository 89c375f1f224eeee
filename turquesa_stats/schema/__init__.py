"""The truth about data: tables and code lists read from ``data/schema``, checks built from them, and workspaces."""
