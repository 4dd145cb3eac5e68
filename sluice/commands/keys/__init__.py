"""The keys that cards are tokenised with: list and rotate them, and see to what was decided without them."""
