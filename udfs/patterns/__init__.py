"""What a pattern's match means: pure Python behind the SQL that finds it."""
