package sluice.kernel;

/**
 * The latest 64 rows of an entity in arrival order, and the exact features over 10 s, 1 min and 10 min.
 *
 * <p>A slot of 28 bytes: event time and amount (int64), then the hash of each category (int32). The ring
 * lies inside the entity's state; this object holds only scratch space, so one serves all entities.
 */
final class Ring {
    static final int CAPACITY = 64;
    static final int SLOT = 2 * Long.BYTES + Catalogue.CATEGORIES * Integer.BYTES;

    private static final int AMOUNT = Long.BYTES;
    private static final int HASHES = 2 * Long.BYTES;
    private static final long[] WINDOWS_MS = {10_000, 60_000, 600_000};

    private final long[] count = new long[WINDOWS_MS.length];
    private final long[] sum = new long[WINDOWS_MS.length];
    private final long[] max = new long[WINDOWS_MS.length];
    private final DistinctValues distinct = new DistinctValues(WINDOWS_MS.length);

    static void write(byte[] state, int at, Event event) {
        Bytes.putLong(state, at, event.time());
        Bytes.putLong(state, at + AMOUNT, event.amount());
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            Bytes.putInt(state, at + HASHES + category * Integer.BYTES, event.hashes()[category]);
        }
    }

    static long time(byte[] state, int slot) {
        return Bytes.getLong(state, slot);
    }

    static long amount(byte[] state, int slot) {
        return Bytes.getLong(state, slot + AMOUNT);
    }

    static int hash(byte[] state, int slot, int category) {
        return Bytes.getInt(state, slot + HASHES + category * Integer.BYTES);
    }

    /** Writes the features around event time `time` over the `size` slots that start at `at`. */
    void features(byte[] state, int at, int size, long time, byte[] features) {
        clear();
        int end = at + size * SLOT;
        for (int slot = at; slot < end; slot += SLOT) {
            int window = shortestWindow(Math.abs(time(state, slot) - time));
            if (window < WINDOWS_MS.length) {
                add(state, slot, window);
            }
        }
        widen();
        for (int window = 0; window < WINDOWS_MS.length; window++) {
            Catalogue.put(features, window, Catalogue.COUNT, count[window]);
            Catalogue.put(features, window, Catalogue.SUM, sum[window]);
            Catalogue.put(features, window, Catalogue.MAX, max[window]);
            for (int category = 0; category < Catalogue.CATEGORIES; category++) {
                Catalogue.put(features, window, Catalogue.DISTINCT + category, distinct.count(category, window));
            }
        }
    }

    private void clear() {
        for (int window = 0; window < WINDOWS_MS.length; window++) {
            count[window] = 0;
            sum[window] = 0;
            max[window] = Long.MIN_VALUE;
        }
        distinct.clear();
    }

    private static int shortestWindow(long distanceMs) {
        int window = 0;
        while (window < WINDOWS_MS.length && distanceMs > WINDOWS_MS[window]) {
            window++;
        }
        return window;
    }

    private void add(byte[] state, int slot, int window) {
        long amount = amount(state, slot);
        count[window]++;
        sum[window] += amount;
        max[window] = Math.max(max[window], amount);
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            distinct.add(category, hash(state, slot, category), window);
        }
    }

    /** A longer window holds all that a shorter one holds. */
    private void widen() {
        for (int window = 1; window < WINDOWS_MS.length; window++) {
            count[window] += count[window - 1];
            sum[window] += sum[window - 1];
            max[window] = Math.max(max[window], max[window - 1]);
        }
        distinct.widen();
    }
}
