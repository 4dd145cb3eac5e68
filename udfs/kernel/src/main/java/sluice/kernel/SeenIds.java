package sluice.kernel;

import java.time.Duration;
import org.apache.flink.table.api.dataview.MapView;

/**
 * Which ids were met in the 8 days of log time before a row, and where each stood first.
 *
 * <p>An entry of 28 bytes per id: the stamp of {@link Expiry}, the body's fingerprint, the log's offset.
 */
public final class SeenIds {
    public static final byte FIRST = 0;
    public static final byte REPEAT = 1;
    public static final byte CONFLICT = 2;

    private static final int FINGERPRINT = Expiry.STAMP;
    private static final int OFFSET = FINGERPRINT + Long.BYTES;
    private static final int ENTRY = OFFSET + Long.BYTES;

    private final Expiry expiry = new Expiry(Duration.ofDays(8));
    private byte[] first;

    /** FIRST, REPEAT or CONFLICT for the row at `partition` and `offset` that the log took in at `ms`. */
    public byte check(
            MapView<String, byte[]> seen, String id, long fingerprint, int partition, long offset, long ms)
            throws Exception {
        first = expiry.get(seen, id, ms);
        if (first != null) {
            return Bytes.getLong(first, FINGERPRINT) == fingerprint ? REPEAT : CONFLICT;
        }
        first = new byte[ENTRY];
        Bytes.putLong(first, FINGERPRINT, fingerprint);
        Bytes.putLong(first, OFFSET, offset);
        expiry.put(seen, id, null, first, partition, ms);
        return FIRST;
    }

    /** Where the first row with the id of the latest check stands. */
    public int firstPartition() {
        return Expiry.partition(first);
    }

    public long firstOffset() {
        return Bytes.getLong(first, OFFSET);
    }
}
