"""The rules that decide: check, test, list and explain them."""
