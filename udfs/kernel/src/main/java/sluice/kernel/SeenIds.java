package sluice.kernel;

import java.time.Duration;
import org.apache.flink.table.api.dataview.MapView;

/**
 * Where each id stood first, in pages: see {@link IdPage}.
 *
 * <p>An object of its own for each id would cost the collector and each snapshot their time per object. A bucket begins with one page; when one of its pages is full, all of them are
 * split by the next bit of their ids, so that a row never reads more than two.
 *
 * <p>Entries expire by the log's clock, and give way when their page is full. Flink's time to live is not
 * used: it counts the days in which a job stood still, so that after a long stop nothing would be known
 * while the backlog is worked off.
 */
public final class SeenIds {
    private static final int FIRST_PARTITION = Integer.BYTES;
    private static final int FIRST_OFFSET = 2 * Integer.BYTES;
    private static final int FIRST = FIRST_OFFSET + Long.BYTES;

    private final long keptMs;

    public SeenIds(Duration kept) {
        keptMs = kept.toMillis();
    }

    /**
     * Null if the id in `packed`, a record of {@link Facts}, is new in the bucket of `pages`, and then it is
     * remembered. Else 16 bytes: 0 if the first row with this id had the same content or 1 if it had another
     * (int32), and where it stands: partition (int32) and offset (int64).
     */
    public byte[] check(MapView<Integer, byte[]> pages, byte[] packed) throws Exception {
        Facts facts = new Facts(packed);
        byte[] start = pages.get(0);
        int number = start == null ? 0 : IdPage.number(facts.id(), IdPage.bits(start));
        byte[] page = number == 0 ? start : pages.get(number);
        int slot = page == null ? -1 : IdPage.find(page, facts.id());
        if (slot >= 0 && IdPage.ms(page, slot) >= facts.logMs() - keptMs) {
            return earlier(page, slot, facts);
        }
        if (slot >= 0) {
            IdPage.write(page, slot, facts);
            pages.put(number, page);
        } else {
            add(pages, number, page, facts);
        }
        return null;
    }

    private static byte[] earlier(byte[] page, int slot, Facts facts) {
        byte[] first = new byte[FIRST];
        Bytes.putInt(first, 0, IdPage.sameContent(page, slot, facts) ? 0 : 1);
        Bytes.putInt(first, FIRST_PARTITION, IdPage.partition(page, slot));
        Bytes.putLong(first, FIRST_OFFSET, IdPage.offset(page, slot));
        return first;
    }

    private void add(MapView<Integer, byte[]> pages, int number, byte[] page, Facts facts) throws Exception {
        byte[] with = page == null ? IdPage.create() : page;
        if (IdPage.isFull(with)) {
            IdPage.dropOlder(with, facts.logPartition(), facts.logMs() - keptMs);
        }
        if (IdPage.isFull(with) && IdPage.isLargest(with)) {
            int bits = split(pages);
            int half = IdPage.number(facts.id(), bits);
            add(pages, half, pages.get(half), facts);
            return;
        }
        with = IdPage.isFull(with) ? IdPage.larger(with) : with;
        IdPage.append(with, facts);
        pages.put(number, with);
    }

    /** Twice as many pages; by how many bits they are numbered now. */
    private static int split(MapView<Integer, byte[]> pages) throws Exception {
        int bits = IdPage.bits(pages.get(0));
        int count = 1 << bits;
        for (int number = 0; number < count; number++) {
            byte[] page = pages.get(number);
            pages.put(number, IdPage.half(page, bits, 0));
            pages.put(number + count, IdPage.half(page, bits, 1));
        }
        return bits + 1;
    }
}
