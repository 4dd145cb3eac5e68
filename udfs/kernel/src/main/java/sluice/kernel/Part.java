package sluice.kernel;

import org.apache.flink.table.functions.ScalarFunction;

/** One part of a record of {@link Parts}, so that SQL can take apart what a function gave as one value. */
public final class Part extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    /** The part at `position`, or null where it is empty or the record is NULL. */
    public byte[] eval(byte[] record, Integer position) {
        return record == null ? null : Parts.part(record, position);
    }
}
