package sluice.kernel;

import java.util.Arrays;

/**
 * Sums over equal stretches of event time, kept only where rows fell, and the features of long windows.
 *
 * <p>A bucket of 56 bytes: its number, which is event time over width rounded down, count, sum and max
 * (int64), then one {@link Sketch} per category. The buckets of an entity lie side by side in its state,
 * in no order; this object holds the settings and scratch space, so one serves all entities.
 */
final class Buckets {
    static final int SLOT = (4 + Catalogue.CATEGORIES) * Long.BYTES;

    private static final int COUNT = Long.BYTES;
    private static final int SUM = 2 * Long.BYTES;
    private static final int MAX = 3 * Long.BYTES;
    private static final int SKETCHES = 4 * Long.BYTES;

    private final long widthMs;
    private final int kept;
    private final int window;
    private final int[] lengths;
    private final byte[] total = new byte[SLOT];

    /** Keeps `kept` buckets of `widthMs`; `lengths` are those of windows, in buckets, the first numbered `window`. */
    Buckets(long widthMs, int kept, int window, int... lengths) {
        this.widthMs = widthMs;
        this.kept = kept;
        this.window = window;
        this.lengths = lengths;
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
        long oldest = number(newestTime) - kept + 1;
        int left = size;
        for (int index = size - 1; index >= 0; index--) {
            if (Bytes.getLong(state, at + index * SLOT) < oldest) {
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
        clear(state, slot);
        Bytes.putLong(state, slot, number(time));
    }

    static void add(byte[] state, int slot, Event event) {
        Bytes.putLong(state, slot + COUNT, Bytes.getLong(state, slot + COUNT) + 1);
        Bytes.putLong(state, slot + SUM, Bytes.getLong(state, slot + SUM) + event.amount());
        Bytes.putLong(state, slot + MAX, Math.max(Bytes.getLong(state, slot + MAX), event.amount()));
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            int sketch = slot + SKETCHES + category * Long.BYTES;
            Bytes.putLong(state, sketch, Bytes.getLong(state, sketch) | Sketch.of(event.hashes()[category]));
        }
    }

    /** Writes the features of each window that ends with the bucket of `event`, which is added if not `stored`. */
    void features(byte[] state, int at, int size, Event event, boolean stored, byte[] features) {
        long last = number(event.time());
        for (int index = 0; index < lengths.length; index++) {
            clear(total, 0);
            if (!stored) {
                add(total, 0, event);
            }
            for (int slot = at; slot < at + size * SLOT; slot += SLOT) {
                long number = Bytes.getLong(state, slot);
                if (number <= last && number > last - lengths[index]) {
                    merge(state, slot);
                }
            }
            write(window + index, features);
        }
    }

    private void merge(byte[] state, int slot) {
        Bytes.putLong(total, COUNT, Bytes.getLong(total, COUNT) + Bytes.getLong(state, slot + COUNT));
        Bytes.putLong(total, SUM, Bytes.getLong(total, SUM) + Bytes.getLong(state, slot + SUM));
        Bytes.putLong(total, MAX, Math.max(Bytes.getLong(total, MAX), Bytes.getLong(state, slot + MAX)));
        for (int at = SKETCHES; at < SLOT; at += Long.BYTES) {
            Bytes.putLong(total, at, Bytes.getLong(total, at) | Bytes.getLong(state, slot + at));
        }
    }

    private void write(int number, byte[] features) {
        Catalogue.put(features, number, Catalogue.COUNT, Bytes.getLong(total, COUNT));
        Catalogue.put(features, number, Catalogue.SUM, Bytes.getLong(total, SUM));
        Catalogue.put(features, number, Catalogue.MAX, Bytes.getLong(total, MAX));
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            long sketch = Bytes.getLong(total, SKETCHES + category * Long.BYTES);
            Catalogue.put(features, number, Catalogue.DISTINCT + category, Sketch.estimate(sketch));
        }
    }

    private static void clear(byte[] bytes, int slot) {
        Arrays.fill(bytes, slot, slot + SLOT, (byte) 0);
        Bytes.putLong(bytes, slot + MAX, Long.MIN_VALUE);
    }
}
