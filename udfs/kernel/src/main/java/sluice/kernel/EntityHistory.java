package sluice.kernel;

/**
 * What is remembered of one entity, in one array of bytes, and the features it gives.
 *
 * <p>Layout: a header of 28 bytes, the ring, the 5-minute buckets, the 1-hour buckets. The header holds
 * the stamp of {@link Expiry}, the version, for each of the three parts the slots in use, then for each the
 * slots there is room for, the ring's next slot (one byte each) and the highest event time (int64). A full
 * part doubles its room.
 */
public final class EntityHistory {
    private static final byte VERSION = 1;

    private static final int RING = 0;
    private static final int SHORT = 1;
    private static final int LONG = 2;
    private static final int[] SLOTS = {Ring.SLOT, Buckets.SLOT, Buckets.SLOT};

    private static final int LAYOUT = Expiry.STAMP;
    private static final int USED = LAYOUT + 1;
    private static final int ROOM = USED + SLOTS.length;
    private static final int RING_NEXT = ROOM + SLOTS.length;
    private static final int LATEST = RING_NEXT + 1;
    private static final int HEADER = LATEST + Long.BYTES;

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
     * @throws IllegalStateException if `before` was written by another version of this class
     */
    public byte[] update(byte[] before, Event event) {
        long time = event.time();
        byte[] state = before == null ? create(time) : checked(before);
        long latest = Bytes.getLong(state, LATEST);
        long newest = Math.max(latest, time);
        Bytes.putLong(state, LATEST, newest);

        features = new byte[Catalogue.SIZE * Long.BYTES];
        Catalogue.putSinceLast(features, before == null ? -1 : newest - latest);
        state = intoRing(state, event);
        ring.features(state, HEADER, get(state, USED + RING), time, features);
        state = intoBuckets(state, SHORT, event, newest);
        return intoBuckets(state, LONG, event, newest);
    }

    /** The features of the latest update, {@link Catalogue#SIZE} little-endian int64. */
    public byte[] features() {
        return features;
    }

    private static byte[] create(long time) {
        byte[] state = new byte[HEADER + Ring.SLOT + 2 * Buckets.SLOT];
        state[LAYOUT] = VERSION;
        state[ROOM + RING] = 1;
        state[ROOM + SHORT] = 1;
        state[ROOM + LONG] = 1;
        Bytes.putLong(state, LATEST, time);
        return state;
    }

    private static byte[] checked(byte[] state) {
        if (state[LAYOUT] != VERSION) {
            throw new IllegalStateException(
                    "history state has layout " + state[LAYOUT] + ", this jar reads layout " + VERSION
                            + "; restore with the jar that wrote it, or start without state");
        }
        return state;
    }

    private static byte[] intoRing(byte[] before, Event event) {
        int used = get(before, USED + RING);
        byte[] state = used < Ring.CAPACITY ? withRoom(before, RING, Ring.CAPACITY) : before;
        int next = get(state, RING_NEXT);
        Ring.write(state, HEADER + next * Ring.SLOT, event);
        state[RING_NEXT] = (byte) ((next + 1) % Ring.CAPACITY);
        state[USED + RING] = (byte) Math.min(used + 1, Ring.CAPACITY);
        return state;
    }

    private byte[] intoBuckets(byte[] before, int part, Event event, long newest) {
        Buckets of = buckets[part - SHORT];
        byte[] state = before;
        int at = start(state, part);
        int used = of.drop(state, at, get(state, USED + part), newest);
        state[USED + part] = (byte) used;
        boolean stored = of.keeps(event.time(), newest);
        if (stored) {
            int slot = of.find(state, at, used, event.time());
            if (slot == at + used * Buckets.SLOT) {
                state = withRoom(state, part, of.kept());
                of.open(state, slot, event.time());
                state[USED + part] = (byte) ++used;
            }
            Buckets.add(state, slot, event);
        }
        of.features(state, at, used, event, stored, features);
        return state;
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

    /** `state` if the part has a free slot, else a copy in which it has twice the room, `most` slots at most. */
    private static byte[] withRoom(byte[] state, int part, int most) {
        int room = get(state, ROOM + part);
        if (get(state, USED + part) < room) {
            return state;
        }
        int more = Math.min(room, most - room);
        int end = start(state, part + 1);
        byte[] larger = new byte[state.length + more * SLOTS[part]];
        System.arraycopy(state, 0, larger, 0, end);
        System.arraycopy(state, end, larger, end + more * SLOTS[part], state.length - end);
        larger[ROOM + part] = (byte) (room + more);
        return larger;
    }
}
