"""How many were never seen: multiple systems estimation from lists that partly overlap (UNODC's method behind target 16.2)."""
