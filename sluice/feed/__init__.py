"""Where transactions come from: seeded traffic, and files replayed through a mapping."""
