package sluice.kernel;

import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.table.api.dataview.MapView;

/**
 * Which ids were met in the 8 days of log time before a row, and where each stood first.
 *
 * <p>An entry of 28 bytes per id: the body's fingerprint, the log's offset and time (int64), the log's
 * partition (int32). Old entries are removed when the log of their partition enters another day.
 */
public final class SeenIds {
    public static final byte FIRST = 0;
    public static final byte REPEAT = 1;
    public static final byte CONFLICT = 2;

    private static final long DAY_MS = Duration.ofDays(1).toMillis();
    private static final long KEPT_MS = 8 * DAY_MS;

    private static final int OFFSET = Long.BYTES;
    private static final int TIME = 2 * Long.BYTES;
    private static final int PARTITION = 3 * Long.BYTES;
    private static final int ENTRY = PARTITION + Integer.BYTES;

    private byte[] first;

    /**
     * FIRST, REPEAT or CONFLICT for the row at `partition` and `offset` that the log took in at `ms`.
     *
     * @param key not empty; see {@link #cleaned} for the one form that it must not have
     */
    public byte check(
            MapView<String, byte[]> seen, String key, long fingerprint, int partition, long offset, long ms)
            throws Exception {
        first = seen.get(key);
        if (first != null && Bytes.getLong(first, TIME) >= ms - KEPT_MS) {
            return Bytes.getLong(first, 0) == fingerprint ? REPEAT : CONFLICT;
        }
        clean(seen, partition, ms);
        first = entry(fingerprint, partition, offset, ms);
        seen.put(key, first);
        return FIRST;
    }

    /** Where the first row with the id of the latest check stands. */
    public int firstPartition() {
        return Bytes.getInt(first, PARTITION);
    }

    public long firstOffset() {
        return Bytes.getLong(first, OFFSET);
    }

    private static byte[] entry(long fingerprint, int partition, long offset, long ms) {
        byte[] entry = new byte[ENTRY];
        Bytes.putLong(entry, 0, fingerprint);
        Bytes.putLong(entry, OFFSET, offset);
        Bytes.putLong(entry, TIME, ms);
        Bytes.putInt(entry, PARTITION, partition);
        return entry;
    }

    /** The key under which the day of a partition's latest cleaning is kept. */
    private static String cleaned(int partition) {
        return "cleaned " + partition;
    }

    /** Only by a partition's own time are its entries old: another one may be read days ahead of it. */
    private static void clean(MapView<String, byte[]> seen, int partition, long ms) throws Exception {
        String marker = cleaned(partition);
        byte[] latest = seen.get(marker);
        long day = Math.floorDiv(ms, DAY_MS);
        if (latest != null && Math.floorDiv(Bytes.getLong(latest, TIME), DAY_MS) >= day) {
            return;
        }
        Iterator<Map.Entry<String, byte[]>> entries = seen.entries().iterator();
        while (entries.hasNext()) {
            byte[] each = entries.next().getValue();
            if (Bytes.getInt(each, PARTITION) == partition && Bytes.getLong(each, TIME) < ms - KEPT_MS) {
                entries.remove();
            }
        }
        seen.put(marker, entry(0, partition, 0, ms));
    }
}
