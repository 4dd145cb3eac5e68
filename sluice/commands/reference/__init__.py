"""What decisions are enriched with: load, show and withdraw versions of references."""
