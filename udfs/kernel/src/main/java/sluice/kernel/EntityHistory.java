package sluice.kernel;

/**
 * What is remembered of one entity, in one array of bytes, and the features it gives.
 *
 * <p>Layout: a header of 29 bytes, the ring, the 5-minute buckets, the 1-hour buckets. The header holds
 * the stamp of {@link Expiry}, the version, for each of the three parts the slots in use, then for each the
 * slots there is room for, the ring's next slot (one byte each), the highest event time (int64) and how many of
 * the ring's newest rows are in no bucket. A full part gets half as much room again.
 *
 * <p>A row goes into buckets when it leaves the ring, so an entity that is seldom used has none: its long windows
 * are taken from the ring. In version 1 rows were in both from the start, and the header had no such count.
 */
public final class EntityHistory {
    private static final byte VERSION = 2;
    private static final byte ALL_IN_BUCKETS = 1;

    private static final int RING = 0;
    private static final int SHORT = 1;
    private static final int LONG = 2;
    private static final int[] SLOTS = {Ring.SLOT, Buckets.SLOT, Buckets.SLOT};
    private static final int LEAST_GROWTH = 2;

    private static final int LAYOUT = Expiry.STAMP;
    private static final int USED = LAYOUT + 1;
    private static final int ROOM = USED + SLOTS.length;
    private static final int RING_NEXT = ROOM + SLOTS.length;
    private static final int LATEST = RING_NEXT + 1;
    private static final int IN_NO_BUCKET = LATEST + Long.BYTES;
    private static final int HEADER = IN_NO_BUCKET + 1;

    private final Ring ring = new Ring();
    private final Buckets[] buckets = {
        new Buckets(300_000, 12, 3, 12), new Buckets(3_600_000, 168, 4, 24, 168),
    };

    private byte[] features;

    /**
     * Takes in one row; {@link #features} then gives the features of that moment, the row included.
     *
     * @param before what was remembered, or null; it is changed in place, so it must be what Flink's state gave
     *     for this row, which is never what a snapshot reads
     * @return what is remembered from now on, `before` itself or a larger copy
     * @throws IllegalStateException if `before` was written by a version of this class that this one does not know
     */
    public byte[] update(byte[] before, Event event) {
        long time = event.time();
        byte[] state = before == null ? create(time) : current(before);
        long latest = Bytes.getLong(state, LATEST);
        long newest = Math.max(latest, time);
        Bytes.putLong(state, LATEST, newest);

        features = new byte[Catalogue.SIZE * Long.BYTES];
        Catalogue.putSinceLast(features, before == null ? -1 : newest - latest);
        state = intoRing(state, event, newest);
        ring.features(state, HEADER, get(state, USED + RING), time, features);
        longFeatures(state, newest);
        return state;
    }

    /** The features of the latest update, {@link Catalogue#SIZE} little-endian int64. */
    public byte[] features() {
        return features;
    }

    private static byte[] create(long time) {
        byte[] state = new byte[HEADER + Ring.SLOT];
        state[LAYOUT] = VERSION;
        state[ROOM + RING] = 1;
        Bytes.putLong(state, LATEST, time);
        return state;
    }

    private static byte[] current(byte[] state) {
        if (state[LAYOUT] == VERSION) {
            return state;
        }
        if (state[LAYOUT] != ALL_IN_BUCKETS) {
            throw new IllegalStateException(
                    "history state has layout " + state[LAYOUT] + ", this jar reads layouts up to " + VERSION
                            + "; restore with the jar that wrote it, or start without state");
        }
        byte[] current = new byte[state.length + 1];
        System.arraycopy(state, 0, current, 0, IN_NO_BUCKET);
        System.arraycopy(state, IN_NO_BUCKET, current, HEADER, state.length - IN_NO_BUCKET);
        current[LAYOUT] = VERSION;
        return current;
    }

    private byte[] intoRing(byte[] before, Event event, long newest) {
        int used = get(before, USED + RING);
        int inNoBucket = get(before, IN_NO_BUCKET);
        int slot = ringSlot(get(before, RING_NEXT));
        byte[] state = before;
        if (used < Ring.CAPACITY) {
            state = withRoom(before, RING, Ring.CAPACITY);
            state[USED + RING] = (byte) (used + 1);
        } else if (inNoBucket == Ring.CAPACITY) {
            state = intoBuckets(intoBuckets(before, SHORT, slot, newest), LONG, slot, newest);
        }
        Ring.write(state, slot, event);
        state[RING_NEXT] = (byte) ((get(state, RING_NEXT) + 1) % Ring.CAPACITY);
        state[IN_NO_BUCKET] = (byte) Math.min(inNoBucket + 1, Ring.CAPACITY);
        return state;
    }

    /** The row of the ring at `row` is about to be overwritten. */
    private byte[] intoBuckets(byte[] before, int part, int row, long newest) {
        Buckets of = buckets[part - SHORT];
        byte[] state = before;
        int at = start(state, part);
        int used = of.drop(state, at, get(state, USED + part), newest);
        state[USED + part] = (byte) used;
        long time = Ring.time(state, row);
        if (of.keeps(time, newest)) {
            int slot = of.find(state, at, used, time);
            if (slot == at + used * Buckets.SLOT) {
                state = withRoom(state, part, of.kept());
                of.open(state, slot, time);
                state[USED + part] = (byte) (used + 1);
            }
            Buckets.add(state, slot, row);
        }
        return state;
    }

    private void longFeatures(byte[] state, long newest) {
        int next = get(state, RING_NEXT);
        int own = ringSlot(before(next, 1));
        int rows = get(state, IN_NO_BUCKET);
        for (int part = SHORT; part <= LONG; part++) {
            Buckets of = buckets[part - SHORT];
            of.begin(state, own, newest);
            for (int back = 2; back <= rows; back++) {
                of.addRow(state, ringSlot(before(next, back)));
            }
            of.addBuckets(state, start(state, part), get(state, USED + part));
            of.write(features);
        }
    }

    private static int before(int next, int back) {
        return (next - back + Ring.CAPACITY) % Ring.CAPACITY;
    }

    private static int ringSlot(int number) {
        return HEADER + number * Ring.SLOT;
    }

    private static int get(byte[] state, int field) {
        return state[field] & 0xFF;
    }

    private static int start(byte[] state, int part) {
        int at = HEADER;
        for (int each = 0; each < part; each++) {
            at += get(state, ROOM + each) * SLOTS[each];
        }
        return at;
    }

    /** `state` if the part has a free slot, else a copy in which it has more room, for `most` slots at most. */
    private static byte[] withRoom(byte[] state, int part, int most) {
        int room = get(state, ROOM + part);
        if (get(state, USED + part) < room) {
            return state;
        }
        int more = Math.min(Math.max(room / 2, LEAST_GROWTH), most - room);
        int end = start(state, part + 1);
        byte[] larger = new byte[state.length + more * SLOTS[part]];
        System.arraycopy(state, 0, larger, 0, end);
        System.arraycopy(state, end, larger, end + more * SLOTS[part], state.length - end);
        larger[ROOM + part] = (byte) (room + more);
        return larger;
    }
}
