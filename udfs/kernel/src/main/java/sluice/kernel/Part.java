package sluice.kernel;

import java.util.Arrays;
import org.apache.flink.table.functions.ScalarFunction;

/** One part of a record of {@link Parts}, so that SQL can take apart what a function gave as one value. */
public final class Part extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    /** The part at `position`, or null where it is empty or the record is NULL. */
    public byte[] eval(byte[] record, Integer position) {
        if (record == null) {
            return null;
        }
        int start = Parts.start(record, position);
        int end = Parts.start(record, position + 1);
        return start == end ? null : Arrays.copyOfRange(record, start, end);
    }
}
