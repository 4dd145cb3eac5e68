package sluice.kernel;

/** What a long window adds up to: count, sum, max and a {@link Sketch} of each category. */
final class Total {
    private final long[] sketches = new long[Catalogue.CATEGORIES];
    private long count;
    private long sum;
    private long max;

    /** Begins anew with the row of the ring at `slot`. */
    void begin(byte[] state, int slot) {
        count = 0;
        sum = 0;
        max = Long.MIN_VALUE;
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            sketches[category] = 0;
        }
        addRow(state, slot);
    }

    void addRow(byte[] state, int slot) {
        count++;
        sum += Ring.amount(state, slot);
        max = Math.max(max, Ring.amount(state, slot));
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            sketches[category] |= Sketch.of(Ring.hash(state, slot, category));
        }
    }

    void addBucket(byte[] state, int slot) {
        count += Bytes.getLong(state, slot + Buckets.COUNT);
        sum += Bytes.getLong(state, slot + Buckets.SUM);
        max = Math.max(max, Bytes.getLong(state, slot + Buckets.MAX));
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            sketches[category] |= Bytes.getLong(state, slot + Buckets.SKETCHES + category * Long.BYTES);
        }
    }

    /** Writes the features of the window with this number. */
    void write(int window, byte[] features) {
        Catalogue.put(features, window, Catalogue.COUNT, count);
        Catalogue.put(features, window, Catalogue.SUM, sum);
        Catalogue.put(features, window, Catalogue.MAX, max);
        for (int category = 0; category < Catalogue.CATEGORIES; category++) {
            Catalogue.put(features, window, Catalogue.DISTINCT + category, Sketch.estimate(sketches[category]));
        }
    }
}
