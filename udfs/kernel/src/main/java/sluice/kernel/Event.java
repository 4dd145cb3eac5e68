package sluice.kernel;

/** One row of an entity: event time in ms since 1970, amount, and the hash of each category's value. */
record Event(long time, long amount, int[] hashes) {}
