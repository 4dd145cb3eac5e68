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
 * a key must stand for a bucket of entities that seldom goes idle, not for a single one. Yet buckets are
 * small, since a heap state copies a whole bucket when it is written to while a snapshot reads it.
 *
 * <p>Ids are 64 bits of a digest, within a bucket chosen by other bits: with 262,144 buckets and a
 * thousand million of them, the chance that any two share an entry is about one in ten million.
 *
 * <p>An entry starts with 12 bytes: the log's time (int64) and partition (int32) when it was written. One more
 * entry holds the day of log time (int32) in which each partition's (int32) were cleaned.
 */
public final class Expiry {
    static final int STAMP = Long.BYTES + Integer.BYTES;

    private static final long DAY_MS = Duration.ofDays(1).toMillis();
    private static final int PARTITION = Long.BYTES;
    private static final long CLEANED = Long.MIN_VALUE;
    private static final int CLEANED_DAY = Integer.BYTES;
    private static final int CLEANED_SLOT = 2 * Integer.BYTES;

    private final long keptMs;
    private MapView<Long, byte[]> entries;

    public Expiry(Duration kept) {
        keptMs = kept.toMillis();
    }

    /** Works on one bucket from now on. */
    public Expiry over(MapView<Long, byte[]> bucket) {
        entries = bucket;
        return this;
    }

    /** The entry of `id`, or null if there is none or it has expired at `ms` of the log. */
    public byte[] get(long id, long ms) throws Exception {
        byte[] entry = entries.get(key(id));
        return entry == null || time(entry) < ms - keptMs ? null : entry;
    }

    /** Stamps and writes `entry`, which is new or what {@link #get} gave, changed or made larger. */
    public void put(long id, byte[] entry, int partition, long ms) throws Exception {
        if (day(time(entry)) != day(ms)) {
            clean(partition, ms);
        }
        Bytes.putLong(entry, 0, ms);
        Bytes.putInt(entry, PARTITION, partition);
        entries.put(key(id), entry);
    }

    private static int partition(byte[] entry) {
        return Bytes.getInt(entry, PARTITION);
    }

    private static long key(long id) {
        return id == CLEANED ? CLEANED + 1 : id;
    }

    private static long time(byte[] entry) {
        return Bytes.getLong(entry, 0);
    }

    private static int day(long ms) {
        return (int) Math.floorDiv(ms, DAY_MS);
    }

    /** Only by a partition's own time are its entries old: another one may be read days ahead of it. */
    private void clean(int partition, long ms) throws Exception {
        byte[] cleaned = entries.get(CLEANED);
        int slot = slot(cleaned, partition);
        if (slot >= 0 && Bytes.getInt(cleaned, slot + CLEANED_DAY) >= day(ms)) {
            return;
        }
        Iterator<Map.Entry<Long, byte[]>> each = entries.entries().iterator();
        while (each.hasNext()) {
            Map.Entry<Long, byte[]> next = each.next();
            byte[] entry = next.getValue();
            if (next.getKey() != CLEANED && partition(entry) == partition && time(entry) < ms - keptMs) {
                each.remove();
            }
        }
        entries.put(CLEANED, cleanedOn(cleaned, slot, partition, day(ms)));
    }

    /** Where `partition` stands in `cleaned`, or -1. */
    private static int slot(byte[] cleaned, int partition) {
        int at = cleaned == null ? -1 : cleaned.length - CLEANED_SLOT;
        while (at >= 0 && Bytes.getInt(cleaned, at) != partition) {
            at -= CLEANED_SLOT;
        }
        return at < 0 ? -1 : at;
    }

    private static byte[] cleanedOn(byte[] cleaned, int slot, int partition, int day) {
        int length = cleaned == null ? 0 : cleaned.length;
        int at = slot < 0 ? length : slot;
        byte[] now = new byte[Math.max(length, at + CLEANED_SLOT)];
        if (length > 0) {
            System.arraycopy(cleaned, 0, now, 0, length);
        }
        Bytes.putInt(now, at, partition);
        Bytes.putInt(now, at + CLEANED_DAY, day);
        return now;
    }
}
