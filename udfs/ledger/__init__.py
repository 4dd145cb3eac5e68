"""Whether a day's books are right: pure logic that needs neither database."""
