"""Rules as data: what a rules file says, how it is checked, and which of its versions decides."""
