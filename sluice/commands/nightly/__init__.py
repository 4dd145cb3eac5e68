"""The nightly reporting: check a day's books, publish them or say what is wrong, let findings pass."""
