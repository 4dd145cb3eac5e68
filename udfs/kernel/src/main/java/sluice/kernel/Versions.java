package sluice.kernel;

import java.util.Arrays;
import org.apache.flink.table.api.TableRuntimeException;

/**
 * What holds for one entity from which moment on, in one array: the layout's version (1 byte), then in the order of
 * their moments, for each its moment (int64), its length (int32) and its bytes. None stands as null.
 */
public final class Versions {
    static final byte LAYOUT = 1;
    private static final int START = 1;
    private static final int HEAD = Long.BYTES + Integer.BYTES;

    private Versions() {}

    /** `packed` with `value` from `moment` on, in place of what held from that very moment; of more than `most` the oldest go. */
    public static byte[] with(byte[] packed, long moment, byte[] value, int most) {
        byte[] others = without(packed, moment);
        byte[] before = others == null ? new byte[] {LAYOUT} : others;
        int at = after(before, moment);
        byte[] with = Arrays.copyOf(before, before.length + HEAD + value.length);
        System.arraycopy(before, at, with, at + HEAD + value.length, before.length - at);
        Bytes.putLong(with, at, moment);
        Bytes.putInt(with, at + Long.BYTES, value.length);
        System.arraycopy(value, 0, with, at + HEAD, value.length);
        return withoutOldest(with, most);
    }

    /** `packed` without what holds from `moment` on, null if nothing else does. */
    public static byte[] without(byte[] packed, long moment) {
        if (packed == null) {
            return null;
        }
        int at = latest(packed, moment);
        if (at < 0 || Bytes.getLong(packed, at) != moment) {
            return packed;
        }
        return removed(packed, at, next(packed, at));
    }

    /** What holds at `moment`: since when (int64) and its bytes; null if nothing does. */
    public static byte[] at(byte[] packed, long moment) {
        int at = packed == null ? -1 : latest(packed, moment);
        if (at < 0) {
            return null;
        }
        int length = Bytes.getInt(packed, at + Long.BYTES);
        byte[] found = new byte[Long.BYTES + length];
        System.arraycopy(packed, at, found, 0, Long.BYTES);
        System.arraycopy(packed, at + HEAD, found, Long.BYTES, length);
        return found;
    }

    /** Where the last entry from `moment` or before begins; -1 if there is none. */
    private static int latest(byte[] packed, long moment) {
        check(packed);
        int found = -1;
        for (int at = START; at < packed.length && Bytes.getLong(packed, at) <= moment; at = next(packed, at)) {
            found = at;
        }
        return found;
    }

    private static int after(byte[] packed, long moment) {
        int at = latest(packed, moment);
        return at < 0 ? START : next(packed, at);
    }

    private static int next(byte[] packed, int at) {
        return at + HEAD + Bytes.getInt(packed, at + Long.BYTES);
    }

    private static byte[] withoutOldest(byte[] packed, int most) {
        int count = 0;
        for (int at = START; at < packed.length; at = next(packed, at)) {
            count++;
        }
        byte[] left = packed;
        for (; count > most; count--) {
            left = removed(left, START, next(left, START));
        }
        return left;
    }

    private static byte[] removed(byte[] packed, int from, int to) {
        if (from == START && to == packed.length) {
            return null;
        }
        byte[] left = Arrays.copyOf(packed, packed.length - (to - from));
        System.arraycopy(packed, to, left, from, packed.length - to);
        return left;
    }

    private static void check(byte[] packed) {
        if (packed[0] != LAYOUT) {
            throw new TableRuntimeException(
                    "the state holds versions in layout " + packed[0] + ", this kernel knows " + LAYOUT
                            + ": start the job without its state, it reads its references anew");
        }
    }
}
