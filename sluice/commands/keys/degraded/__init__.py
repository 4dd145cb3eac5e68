"""What was decided without history while the token keys were away: list it, and have it decided anew."""
