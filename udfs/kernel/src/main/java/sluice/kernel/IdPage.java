package sluice.kernel;

import java.util.Arrays;

/**
 * Up to 64 ids side by side in one array of bytes, and where each stood first.
 *
 * <p>Layout: by how many bits of their ids the pages of this bucket are numbered, the slots in use (one byte
 * each), then slots of 44 bytes: id (int64), the log's time (int64) and partition (int32) and offset (int64)
 * of the first row, the digest of its content. A full page gets half as much room again.
 */
final class IdPage {
    private static final int USED = 1;
    private static final int HEADER = 2;

    private static final int MS = Long.BYTES;
    private static final int PARTITION = 2 * Long.BYTES;
    private static final int OFFSET = PARTITION + Integer.BYTES;
    private static final int CONTENT = OFFSET + Long.BYTES;
    private static final int SLOT = CONTENT + Facts.CONTENT_BYTES;

    private static final int FEWEST = 2;
    private static final int MOST = 64;

    private IdPage() {}

    static byte[] create() {
        return new byte[HEADER + FEWEST * SLOT];
    }

    static int bits(byte[] page) {
        return page[0];
    }

    /** The number of the page on which `id` stands, where they are numbered by so many bits. */
    static int number(long id, int bits) {
        return (int) (id & ((1L << bits) - 1));
    }

    /** Where the slot of `id` begins, or -1. */
    static int find(byte[] page, long id) {
        for (int slot = HEADER; slot < end(page); slot += SLOT) {
            if (Bytes.getLong(page, slot) == id) {
                return slot;
            }
        }
        return -1;
    }

    static long ms(byte[] page, int slot) {
        return Bytes.getLong(page, slot + MS);
    }

    static int partition(byte[] page, int slot) {
        return Bytes.getInt(page, slot + PARTITION);
    }

    static long offset(byte[] page, int slot) {
        return Bytes.getLong(page, slot + OFFSET);
    }

    static boolean sameContent(byte[] page, int slot, Facts facts) {
        return facts.sameContent(page, slot + CONTENT);
    }

    static boolean isFull(byte[] page) {
        return end(page) == page.length;
    }

    static boolean isLargest(byte[] page) {
        return page[USED] == MOST;
    }

    static byte[] larger(byte[] page) {
        int slots = (page.length - HEADER) / SLOT;
        int more = Math.min(Math.max(slots / 2, FEWEST), MOST - slots);
        return Arrays.copyOf(page, page.length + more * SLOT);
    }

    /** The page must have a free slot. */
    static void append(byte[] page, Facts facts) {
        int slot = end(page);
        page[USED]++;
        write(page, slot, facts);
    }

    static void write(byte[] page, int slot, Facts facts) {
        Bytes.putLong(page, slot, facts.id());
        Bytes.putLong(page, slot + MS, facts.logMs());
        Bytes.putInt(page, slot + PARTITION, facts.logPartition());
        Bytes.putLong(page, slot + OFFSET, facts.logOffset());
        facts.putContent(page, slot + CONTENT);
    }

    /** Only by a partition's own time are its entries old: another one may be read days ahead of it. */
    static void dropOlder(byte[] page, int partition, long ms) {
        for (int slot = end(page) - SLOT; slot >= HEADER; slot -= SLOT) {
            if (partition(page, slot) == partition && ms(page, slot) < ms) {
                page[USED]--;
                System.arraycopy(page, end(page), page, slot, SLOT);
            }
        }
    }

    /** A page with those entries whose ids have `wanted` as the bit behind the first `bits`. */
    static byte[] half(byte[] page, int bits, int wanted) {
        byte[] half = new byte[page.length];
        half[0] = (byte) (bits + 1);
        for (int slot = HEADER; slot < end(page); slot += SLOT) {
            if ((Bytes.getLong(page, slot) >>> bits & 1) == wanted) {
                System.arraycopy(page, slot, half, end(half), SLOT);
                half[USED]++;
            }
        }
        return half;
    }

    private static int end(byte[] page) {
        return HEADER + page[USED] * SLOT;
    }
}
