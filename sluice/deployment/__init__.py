"""What other places than this machine need to run the jobs, written from the same settings and configuration."""
