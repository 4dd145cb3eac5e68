package sluice.kernel;

import java.util.Arrays;

/**
 * Counts distinct values in nested windows in one pass: a small hash table per category remembers the
 * shortest window in which each value was met. Cleared by counting up a generation, not by writing.
 */
final class DistinctValues {
    /** Twice the values of a full ring, so that probing stays short. */
    private static final int SLOTS = 2 * Ring.CAPACITY;

    private final int[][] values = new int[Catalogue.CATEGORIES][SLOTS];
    private final int[][] generations = new int[Catalogue.CATEGORIES][SLOTS];
    private final int[][] shortest = new int[Catalogue.CATEGORIES][SLOTS];
    private final long[][] counts;
    private int generation;

    DistinctValues(int windows) {
        counts = new long[Catalogue.CATEGORIES][windows];
    }

    void clear() {
        generation++;
        for (long[] each : counts) {
            Arrays.fill(each, 0);
        }
    }

    void add(int category, int value, int window) {
        int[] stamps = generations[category];
        int slot = Hash.fmix32(value) & (SLOTS - 1);
        while (stamps[slot] == generation && values[category][slot] != value) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        if (stamps[slot] != generation) {
            stamps[slot] = generation;
            values[category][slot] = value;
        } else if (shortest[category][slot] <= window) {
            return;
        } else {
            counts[category][shortest[category][slot]]--;
        }
        shortest[category][slot] = window;
        counts[category][window]++;
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
