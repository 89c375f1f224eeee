"""The audit of an edition: an attacker who reads what any reader can, and tries to find every number that a page hides."""
