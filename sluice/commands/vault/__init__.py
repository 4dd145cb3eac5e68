"""The token vault: look a card up by its token, in a role; every look leaves a line of audit."""
