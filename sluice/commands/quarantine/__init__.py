"""Records that were held back: list, show, fix and replay them."""
