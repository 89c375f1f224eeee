"""Published editions: checked, attacked, described and archived; once published they never change."""
