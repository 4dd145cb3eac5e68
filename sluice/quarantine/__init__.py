"""What a person does with records that were held back: look, mend, send again."""
