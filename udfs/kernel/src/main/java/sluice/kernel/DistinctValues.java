package sluice.kernel;

import java.util.Arrays;

/**
 * Counts distinct values in nested windows in one pass: a small hash table per category remembers the
 * shortest window in which each value was met. Cleared by counting up a generation, not by writing.
 */
final class DistinctValues {
    /** Twice the values of a full ring, so that probing stays short. */
    private static final int SLOTS = 2 * Ring.CAPACITY;

    private static final int WINDOW_AT = 32;
    private static final int GENERATION_AT = 34;
    private static final long GENERATIONS = 1L << (Long.SIZE - GENERATION_AT - 1);

    /** A slot holds a value's hash (32 bits), the number of its shortest window (2 bits) and the generation. */
    private final long[][] slots = new long[Catalogue.CATEGORIES][SLOTS];
    private final long[][] counts;
    private long generation;

    /** For up to four windows, numbered from the shortest. */
    DistinctValues(int windows) {
        counts = new long[Catalogue.CATEGORIES][windows];
    }

    void clear() {
        if (++generation == GENERATIONS) {
            generation = 1;
            for (long[] each : slots) {
                Arrays.fill(each, 0);
            }
        }
        for (long[] each : counts) {
            Arrays.fill(each, 0);
        }
    }

    void add(int category, int value, int window) {
        long[] table = slots[category];
        long[] count = counts[category];
        int slot = value & (SLOTS - 1);
        while (table[slot] >>> GENERATION_AT == generation && (int) table[slot] != value) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        if (table[slot] >>> GENERATION_AT == generation) {
            int shortest = (int) (table[slot] >>> WINDOW_AT) & 3;
            if (shortest <= window) {
                return;
            }
            count[shortest]--;
        }
        table[slot] = generation << GENERATION_AT | (long) window << WINDOW_AT | Integer.toUnsignedLong(value);
        count[window]++;
    }

    /** From "first met in this window" to "met in this window or a shorter one". */
    void widen() {
        for (long[] each : counts) {
            for (int window = 1; window < each.length; window++) {
                each[window] += each[window - 1];
            }
        }
    }

    long count(int category, int window) {
        return counts[category][window];
    }
}
