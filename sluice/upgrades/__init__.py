"""What a change of code would do to the state of a job, told before the change is deployed."""
