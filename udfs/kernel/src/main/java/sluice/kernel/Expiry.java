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
 * <p>Ids are 64 bits of a digest, within a bucket chosen by other bits: with 4,096 buckets and a thousand
 * million ids, the chance that any two share an entry is about one in 150,000.
 *
 * <p>An entry starts with 12 bytes: the log's time (int64) and partition (int32) when it was written.
 */
public final class Expiry {
    static final int STAMP = Long.BYTES + Integer.BYTES;

    private static final long DAY_MS = Duration.ofDays(1).toMillis();
    private static final int PARTITION = Long.BYTES;

    private final long keptMs;
    private MapView<Long, byte[]> entries;
    private MapView<Integer, Long> cleanedDays;

    public Expiry(Duration kept) {
        keptMs = kept.toMillis();
    }

    /** Works on one bucket from now on: its entries, and the day of log time in which each partition's were cleaned. */
    public Expiry over(MapView<Long, byte[]> bucket, MapView<Integer, Long> bucketCleanedDays) {
        entries = bucket;
        cleanedDays = bucketCleanedDays;
        return this;
    }

    /** The entry of `id`, or null if there is none or it has expired at `ms` of the log. */
    byte[] get(long id, long ms) throws Exception {
        byte[] entry = entries.get(id);
        return entry == null || time(entry) < ms - keptMs ? null : entry;
    }

    /** Stamps and writes `entry`, which is new or what {@link #get} gave, changed or made larger. */
    void put(long id, byte[] entry, int partition, long ms) throws Exception {
        if (day(time(entry)) != day(ms)) {
            clean(partition, ms);
        }
        Bytes.putLong(entry, 0, ms);
        Bytes.putInt(entry, PARTITION, partition);
        entries.put(id, entry);
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

    /** Only by a partition's own time are its entries old: another one may be read days ahead of it. */
    private void clean(int partition, long ms) throws Exception {
        Long cleaned = cleanedDays.get(partition);
        if (cleaned != null && cleaned >= day(ms)) {
            return;
        }
        Iterator<Map.Entry<Long, byte[]>> each = entries.entries().iterator();
        while (each.hasNext()) {
            byte[] entry = each.next().getValue();
            if (partition(entry) == partition && time(entry) < ms - keptMs) {
                each.remove();
            }
        }
        cleanedDays.put(partition, day(ms));
    }
}
