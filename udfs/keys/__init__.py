"""The keys that cards are tokenised with: where they are kept, from when each holds, and what they make of a card."""
