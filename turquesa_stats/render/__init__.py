"""From parameters to documents: plan (pure), execute once, typeset many, keep a journal."""
