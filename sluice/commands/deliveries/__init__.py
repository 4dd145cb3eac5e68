"""What receivers were told, and what they refused."""
