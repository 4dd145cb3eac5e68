"""How the cost of a decision grows with slots, cards, rules, a hot card and a backlog."""
