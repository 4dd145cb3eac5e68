package sluice.kernel;

/**
 * What is remembered of one entity, in one array of bytes, and the features it gives.
 *
 * <p>Layout: a header of 16 bytes (version, slots in use in the ring, the ring's next slot, 5-minute
 * buckets, 1-hour buckets, the room for each of the three, then the highest event time), the ring, the
 * 5-minute buckets, the 1-hour buckets. The array grows by doubling the room of the part that is full.
 */
public final class EntityHistory {
    private static final byte VERSION = 1;
    private static final int RING_SIZE = 1;
    private static final int RING_NEXT = 2;
    private static final int SHORT_SIZE = 3;
    private static final int LONG_SIZE = 4;
    private static final int RING_ROOM = 5;
    private static final int SHORT_ROOM = 6;
    private static final int LONG_ROOM = 7;
    private static final int LATEST = 8;
    private static final int HEADER = 16;

    private final Ring ring = new Ring();
    private final Buckets shortBuckets = new Buckets(300_000, 12, 3, 12);
    private final Buckets longBuckets = new Buckets(3_600_000, 168, 4, 24, 168);

    /**
     * Takes in one row and writes the features of that moment, the row included.
     *
     * @param before what was remembered, or null; stays as it is, since a snapshot may be reading it
     * @param time event time in ms since 1970, within 2^62 of it
     * @param hashes {@link Hash#fnv1a32} of the UTF-8 bytes of each category
     * @param features room for {@link Catalogue#SIZE} little-endian int64
     * @return what is remembered from now on
     * @throws IllegalStateException if `before` was written by another version of this class
     */
    public byte[] update(byte[] before, long time, long amount, int[] hashes, byte[] features) {
        byte[] state = before == null ? create() : checked(before).clone();
        long latest = Bytes.getLong(state, LATEST);
        Bytes.putLong(features, (Catalogue.SIZE - 1) * Long.BYTES, sinceLast(before, latest, time));
        long newest = before == null ? time : Math.max(latest, time);
        Bytes.putLong(state, LATEST, newest);
        state = intoRing(state, time, amount, hashes);
        ring.features(state, HEADER, size(state, RING_SIZE), time, features);
        state = intoBuckets(state, shortBuckets, SHORT_SIZE, SHORT_ROOM, newest, time, amount, hashes, features);
        return intoBuckets(state, longBuckets, LONG_SIZE, LONG_ROOM, newest, time, amount, hashes, features);
    }

    private static byte[] create() {
        byte[] state = new byte[HEADER + Ring.SLOT + 2 * Buckets.SLOT];
        state[0] = VERSION;
        state[RING_ROOM] = 1;
        state[SHORT_ROOM] = 1;
        state[LONG_ROOM] = 1;
        return state;
    }

    private static byte[] checked(byte[] state) {
        if (state[0] != VERSION) {
            throw new IllegalStateException(
                    "history state has layout " + state[0] + ", this jar reads layout " + VERSION
                            + "; restore with the jar that wrote it, or start without state");
        }
        return state;
    }

    private static long sinceLast(byte[] before, long latest, long time) {
        return before == null ? -1 : Math.max(0, time - latest);
    }

    private static int size(byte[] state, int field) {
        return Bytes.getUnsignedByte(state, field);
    }

    private static byte[] intoRing(byte[] before, long time, long amount, int[] hashes) {
        byte[] state = before;
        int used = size(state, RING_SIZE);
        if (used == size(state, RING_ROOM) && used < Ring.CAPACITY) {
            state = grow(state, RING_ROOM, Ring.CAPACITY);
        }
        int next = size(state, RING_NEXT);
        Ring.write(state, HEADER + next * Ring.SLOT, time, amount, hashes);
        state[RING_NEXT] = (byte) ((next + 1) % Ring.CAPACITY);
        state[RING_SIZE] = (byte) Math.min(used + 1, Ring.CAPACITY);
        return state;
    }

    private static byte[] intoBuckets(
            byte[] before, Buckets buckets, int sizeField, int roomField,
            long newest, long time, long amount, int[] hashes, byte[] features) {
        byte[] state = before;
        int at = partAt(state, roomField);
        int used = buckets.drop(state, at, size(state, sizeField), newest);
        boolean stored = buckets.keeps(time, newest);
        if (stored) {
            int slot = buckets.find(state, at, used, time);
            if (slot == at + used * Buckets.SLOT) {
                if (used == size(state, roomField)) {
                    state = grow(state, roomField, buckets.kept);
                }
                buckets.open(state, slot, time);
                used++;
            }
            Buckets.add(state, slot, amount, hashes);
        }
        state[sizeField] = (byte) used;
        buckets.features(state, at, used, time, amount, hashes, stored, features);
        return state;
    }

    private static int partAt(byte[] state, int roomField) {
        int at = HEADER;
        if (roomField > RING_ROOM) {
            at += size(state, RING_ROOM) * Ring.SLOT;
        }
        if (roomField > SHORT_ROOM) {
            at += size(state, SHORT_ROOM) * Buckets.SLOT;
        }
        return at;
    }

    /** A copy with twice the room for one part, at most `most` slots; the other parts keep theirs. */
    private static byte[] grow(byte[] state, int roomField, int most) {
        int slot = roomField == RING_ROOM ? Ring.SLOT : Buckets.SLOT;
        int room = size(state, roomField);
        int more = Math.min(2 * room, most) - room;
        int end = partAt(state, roomField) + room * slot;
        byte[] larger = new byte[state.length + more * slot];
        System.arraycopy(state, 0, larger, 0, end);
        System.arraycopy(state, end, larger, end + more * slot, state.length - end);
        larger[roomField] = (byte) (room + more);
        return larger;
    }
}
