package sluice.kernel;

/**
 * Where each id stood first.
 *
 * <p>An entry of 36 bytes per id: the stamp of {@link Expiry}, the content's digest, the log's offset.
 */
public final class SeenIds {
    private static final int CONTENT = Expiry.STAMP;
    private static final int OFFSET = CONTENT + Facts.CONTENT_BYTES;
    private static final int ENTRY = OFFSET + Long.BYTES;

    private static final int FIRST_PARTITION = Integer.BYTES;
    private static final int FIRST_OFFSET = 2 * Integer.BYTES;
    private static final int FIRST = FIRST_OFFSET + Long.BYTES;

    private SeenIds() {}

    /**
     * Null if the id in `packed`, a record of {@link Facts}, is new, and then it is remembered. Else 16
     * bytes: 0 if the first row with this id had the same content or 1 if it had another (int32), and where
     * it stands: partition (int32) and offset (int64).
     */
    public static byte[] check(Expiry seen, byte[] packed) throws Exception {
        Facts facts = new Facts(packed);
        byte[] known = seen.get(facts.id(), facts.logMs());
        if (known == null) {
            byte[] entry = new byte[ENTRY];
            facts.putContent(entry, CONTENT);
            Bytes.putLong(entry, OFFSET, facts.logOffset());
            seen.put(facts.id(), entry, facts.logPartition(), facts.logMs());
            return null;
        }
        byte[] first = new byte[FIRST];
        Bytes.putInt(first, 0, facts.sameContent(known, CONTENT) ? 0 : 1);
        Bytes.putInt(first, FIRST_PARTITION, Expiry.partition(known));
        Bytes.putLong(first, FIRST_OFFSET, Bytes.getLong(known, OFFSET));
        return first;
    }
}
