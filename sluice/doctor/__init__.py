"""Whether Python, JDK, Flink, jars, machine and settings fit together: what is found, and what is held against what."""
