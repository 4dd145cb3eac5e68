package sluice.kernel;

import org.apache.flink.table.api.TableRuntimeException;

/**
 * What the kernel needs of a row, packed by the step before it as little-endian numbers in the first of
 * {@link Parts}: a row of few columns is what makes exchanges cheap. Bytes behind these, and the other
 * parts, are the caller's own, and other entities may stand there: each an int64 as the one here, a number that
 * the kernel does not read, and three categories.
 *
 * <pre>
 *  0  id          int64      first 8 bytes of a cryptographic digest of the row's id
 *  8  content     16 bytes   digest of the row's content
 * 24  entity      int64      first 8 bytes of a cryptographic digest of the entity's id
 * 32  event_ms    int64      event time, ms since 1970, within 2^62 of it
 * 40  amount      int64
 * 48  log_ms      int64      when the log took the row in, ms since 1970
 * 56  log_offset  int64
 * 64  log_partition int32
 * 68  categories  3 x int32  hashes of the values whose distinct number is counted
 * </pre>
 */
final class Facts {
    static final int CONTENT_BYTES = 16;

    private static final int CONTENT = 8;
    private static final int ENTITY = CONTENT + CONTENT_BYTES;
    private static final int EVENT_MS = ENTITY + Long.BYTES;
    private static final int AMOUNT = EVENT_MS + Long.BYTES;
    private static final int LOG_MS = AMOUNT + Long.BYTES;
    private static final int LOG_OFFSET = LOG_MS + Long.BYTES;
    private static final int LOG_PARTITION = LOG_OFFSET + Long.BYTES;
    private static final int CATEGORIES = LOG_PARTITION + Integer.BYTES;
    private static final int ALL_CATEGORIES = Catalogue.CATEGORIES * Integer.BYTES;
    private static final int SIZE = CATEGORIES + ALL_CATEGORIES;
    private static final int OTHER_CATEGORIES = 2 * Long.BYTES;
    private static final int OTHER = OTHER_CATEGORIES + ALL_CATEGORIES;

    /** That the row is of no entity. */
    static final long NOBODY = 0;

    private final byte[] bytes;
    private final int start;
    private final int entity;
    private final int categories;

    Facts(byte[] record) {
        this(record, -1);
    }

    /** `other` says behind how many int64 another entity stands; -1 that it is the first one. */
    Facts(byte[] record, int other) {
        bytes = record;
        start = Parts.start(record, 0);
        entity = start + (other < 0 ? ENTITY : other * Long.BYTES);
        categories = other < 0 ? start + CATEGORIES : entity + OTHER_CATEGORIES;
        int size = Parts.start(record, 1) - start;
        int needed = other < 0 ? SIZE : Math.max(SIZE, other * Long.BYTES + OTHER);
        if (size < needed) {
            throw new TableRuntimeException(
                    "facts of " + size + " bytes: the kernel reads " + needed + "; pack them as class Facts says.");
        }
    }

    long id() {
        return Bytes.getLong(bytes, start);
    }

    /** Whether `entry` holds this row's content from `at` on. */
    boolean sameContent(byte[] entry, int at) {
        return Bytes.getLong(bytes, start + CONTENT) == Bytes.getLong(entry, at)
                && Bytes.getLong(bytes, start + CONTENT + Long.BYTES) == Bytes.getLong(entry, at + Long.BYTES);
    }

    void putContent(byte[] entry, int at) {
        System.arraycopy(bytes, start + CONTENT, entry, at, CONTENT_BYTES);
    }

    long entity() {
        return Bytes.getLong(bytes, entity);
    }

    long logMs() {
        return Bytes.getLong(bytes, start + LOG_MS);
    }

    long logOffset() {
        return Bytes.getLong(bytes, start + LOG_OFFSET);
    }

    int logPartition() {
        return Bytes.getInt(bytes, start + LOG_PARTITION);
    }

    Event event() {
        int[] hashes = new int[Catalogue.CATEGORIES];
        for (int each = 0; each < Catalogue.CATEGORIES; each++) {
            hashes[each] = Bytes.getInt(bytes, categories + each * Integer.BYTES);
        }
        return new Event(Bytes.getLong(bytes, start + EVENT_MS), Bytes.getLong(bytes, start + AMOUNT), hashes);
    }
}
