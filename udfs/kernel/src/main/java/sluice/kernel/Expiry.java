package sluice.kernel;

import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.table.api.dataview.MapView;

/**
 * Lets the entries of a map expire by the log's clock: after so much log time without being written.
 *
 * <p>Flink's time to live is not used. It counts the days in which a job stood still, so that after a long
 * stop nothing would be known while the backlog is worked off; and for a map on the heap it copies all
 * entries of five keys at each access. Here one key's map is cleaned when its log enters another day, so
 * a key must stand for a bucket of ids that never goes idle, not for a single id.
 *
 * <p>An entry starts with 12 bytes: the log's time (int64) and partition (int32) when it was written.
 */
final class Expiry {
    static final int STAMP = Long.BYTES + Integer.BYTES;

    private static final long DAY_MS = Duration.ofDays(1).toMillis();
    private static final int PARTITION = Long.BYTES;

    private final long keptMs;

    Expiry(Duration kept) {
        keptMs = kept.toMillis();
    }

    /** The entry of `id`, or null if there is none or it has expired at `ms` of the log. */
    byte[] get(MapView<String, byte[]> entries, String id, long ms) throws Exception {
        byte[] entry = entries.get(id);
        return entry == null || time(entry) < ms - keptMs ? null : entry;
    }

    /** Stamps and writes `entry`; `before` is what {@link #get} gave. */
    void put(MapView<String, byte[]> entries, String id, byte[] before, byte[] entry, int partition, long ms)
            throws Exception {
        if (before == null || day(time(before)) != day(ms)) {
            clean(entries, partition, ms);
        }
        entries.put(id, stamped(entry, partition, ms));
    }

    static int partition(byte[] entry) {
        return Bytes.getInt(entry, PARTITION);
    }

    private static long time(byte[] entry) {
        return Bytes.getLong(entry, 0);
    }

    private static long day(long ms) {
        return Math.floorDiv(ms, DAY_MS);
    }

    private static byte[] stamped(byte[] entry, int partition, long ms) {
        Bytes.putLong(entry, 0, ms);
        Bytes.putInt(entry, PARTITION, partition);
        return entry;
    }

    /** Only by a partition's own time are its entries old: another one may be read days ahead of it. */
    private void clean(MapView<String, byte[]> entries, int partition, long ms) throws Exception {
        String marker = marker(partition);
        byte[] latest = entries.get(marker);
        if (latest != null && day(time(latest)) >= day(ms)) {
            return;
        }
        Iterator<Map.Entry<String, byte[]>> each = entries.entries().iterator();
        while (each.hasNext()) {
            byte[] entry = each.next().getValue();
            if (partition(entry) == partition && time(entry) < ms - keptMs) {
                each.remove();
            }
        }
        entries.put(marker, stamped(new byte[STAMP], partition, ms));
    }

    /** Under which a partition's latest cleaning is kept; no id that {@link Columns#id} makes looks like it. */
    private static String marker(int partition) {
        return "cleaned " + partition;
    }
}
