package sluice.kernel;

/** One row of an entity: event time in ms since 1970, within 2^62 of it, amount, and the hash of each category's value. */
public record Event(long time, long amount, int[] hashes) {}
