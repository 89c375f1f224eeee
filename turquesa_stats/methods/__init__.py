"""Subject-free statistics; every function states its source and refuses what it cannot answer for."""
