"""Files that partners put on their SFTP servers: fetched, checked, loaded or held back."""
