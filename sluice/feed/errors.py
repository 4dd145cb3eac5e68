"""What can be wrong with what a person asks of the feed."""


class FeedError(ValueError):
    """An argument, a mapping or a file cannot be used; the message says which and what to do."""
