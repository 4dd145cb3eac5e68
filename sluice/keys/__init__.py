"""The token keys and the token vault, as the settings say who keeps them."""
