package sluice.kernel;

import java.util.Arrays;

/**
 * Sums over equal stretches of event time of the rows that have left the ring, kept only where rows fell.
 *
 * <p>A bucket of 56 bytes: its number, which is event time over width rounded down, count, sum and max
 * (int64), then one {@link Sketch} per category. The buckets of an entity lie side by side in its state,
 * in no order; this object holds the settings and scratch space, so one serves all entities.
 */
final class Buckets {
    static final int SLOT = (4 + Catalogue.CATEGORIES) * Long.BYTES;

    static final int COUNT = Long.BYTES;
    static final int SUM = 2 * Long.BYTES;
    static final int MAX = 3 * Long.BYTES;
    static final int SKETCHES = 4 * Long.BYTES;

    private final long widthMs;
    private final int kept;
    private final int window;
    private final int[] lengths;
    private final Total[] totals;

    private long oldest;
    private long last;

    /** Keeps `kept` buckets of `widthMs`; `lengths` are those of windows, in buckets, the first numbered `window`. */
    Buckets(long widthMs, int kept, int window, int... lengths) {
        this.widthMs = widthMs;
        this.kept = kept;
        this.window = window;
        this.lengths = lengths;
        totals = new Total[lengths.length];
        Arrays.setAll(totals, each -> new Total());
    }

    int kept() {
        return kept;
    }

    private long number(long time) {
        return Math.floorDiv(time, widthMs);
    }

    boolean keeps(long time, long newestTime) {
        return number(time) > number(newestTime) - kept;
    }

    /** Drops the buckets too old to keep, by moving the last into their place; returns how many are left. */
    int drop(byte[] state, int at, int size, long newestTime) {
        long first = number(newestTime) - kept + 1;
        int left = size;
        for (int index = size - 1; index >= 0; index--) {
            if (Bytes.getLong(state, at + index * SLOT) < first) {
                left--;
                System.arraycopy(state, at + left * SLOT, state, at + index * SLOT, SLOT);
            }
        }
        return left;
    }

    /** Where the bucket of `time` starts, or where the next would start if there is none. */
    int find(byte[] state, int at, int size, long time) {
        long number = number(time);
        int slot = at + size * SLOT;
        for (int each = slot - SLOT; each >= at; each -= SLOT) {
            if (Bytes.getLong(state, each) == number) {
                return each;
            }
        }
        return slot;
    }

    void open(byte[] state, int slot, long time) {
        Arrays.fill(state, slot, slot + SLOT, (byte) 0);
        Bytes.putLong(state, slot, number(time));
        Bytes.putLong(state, slot + MAX, Long.MIN_VALUE);
    }

    /** Adds the row of the ring at `row` to the bucket at `slot`. */
    static void add(byte[] state, int slot, int row) {
        long amount = Ring.amount(state, row);
        Bytes.putLong(state, slot + COUNT, Bytes.getLong(state, slot + COUNT) + 1);
        Bytes.putLong(state, slot + SUM, Bytes.getLong(state, slot + SUM) + amount);
        Bytes.putLong(state, slot + MAX, Math.max(Bytes.getLong(state, slot + MAX), amount));
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            int sketch = slot + SKETCHES + category * Long.BYTES;
            long with = Bytes.getLong(state, sketch) | Sketch.of(Ring.hash(state, row, category));
            Bytes.putLong(state, sketch, with);
        }
    }

    /** Begins the windows that end with the bucket of the row at `row`, which counts even if it is too old to keep. */
    void begin(byte[] state, int row, long newestTime) {
        oldest = number(newestTime) - kept + 1;
        last = number(Ring.time(state, row));
        for (Total each : totals) {
            each.begin(state, row);
        }
    }

    /** Adds another row of the ring to the windows that it lies in. */
    void addRow(byte[] state, int row) {
        long number = number(Ring.time(state, row));
        if (number > last || number < oldest) {
            return;
        }
        for (int index = 0; index < lengths.length; index++) {
            if (number > last - lengths[index]) {
                totals[index].addRow(state, row);
            }
        }
    }

    /** Adds the buckets to the windows that they lie in. */
    void addBuckets(byte[] state, int at, int size) {
        for (int slot = at; slot < at + size * SLOT; slot += SLOT) {
            long number = Bytes.getLong(state, slot);
            if (number > last || number < oldest) {
                continue;
            }
            for (int index = 0; index < lengths.length; index++) {
                if (number > last - lengths[index]) {
                    totals[index].addBucket(state, slot);
                }
            }
        }
    }

    void write(byte[] features) {
        for (int index = 0; index < lengths.length; index++) {
            totals[index].write(window + index, features);
        }
    }
}
