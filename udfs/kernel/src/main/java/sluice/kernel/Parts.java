package sluice.kernel;

import org.apache.flink.table.api.TableRuntimeException;

/**
 * Several values in one column of bytes: the int32 positions where the parts begin and where the last one
 * ends, then the parts.
 */
final class Parts {
    private Parts() {}

    /** Where the part at `position` begins; what follows the last part begins where that ends. */
    static int start(byte[] record, int position) {
        int head = position * Integer.BYTES;
        if (head < 0 || head + Integer.BYTES > record.length || (position > 0 && head >= Bytes.getInt(record, 0))) {
            throw new TableRuntimeException("a record of " + record.length + " bytes has no part at " + position);
        }
        int start = Bytes.getInt(record, head);
        if (start < head || start > record.length) {
            throw new TableRuntimeException(
                    "in a record of " + record.length + " bytes, part " + position + " begins at " + start
                            + "; pack it as class Parts says.");
        }
        return start;
    }
}
