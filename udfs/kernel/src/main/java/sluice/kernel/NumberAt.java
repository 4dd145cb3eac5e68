package sluice.kernel;

import org.apache.flink.table.api.TableRuntimeException;
import org.apache.flink.table.functions.ScalarFunction;

/** One little-endian int64 of a packed record, so that SQL can read what the kernel reads and writes. */
public final class NumberAt extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    /** The number behind `position` others, or null in a record that is NULL. */
    public Long eval(byte[] record, Integer position) {
        if (record == null) {
            return null;
        }
        int at = position * Long.BYTES;
        if (at < 0 || at + Long.BYTES > record.length) {
            throw new TableRuntimeException("a record of " + record.length + " bytes has no number at " + position);
        }
        return Bytes.getLong(record, at);
    }
}
