package sluice.kernel;

import org.apache.flink.table.functions.ScalarFunction;

/** Several values as one record of {@link Parts}. */
public final class Packed extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    /** The record of `parts`; one that is NULL is empty, as {@link Part} reads it. */
    public byte[] eval(byte[]... parts) {
        int at = (parts.length + 1) * Integer.BYTES;
        int size = at;
        for (byte[] part : parts) {
            size += part == null ? 0 : part.length;
        }
        byte[] record = new byte[size];
        for (int position = 0; position < parts.length; position++) {
            Bytes.putInt(record, position * Integer.BYTES, at);
            byte[] part = parts[position];
            if (part != null) {
                System.arraycopy(part, 0, record, at, part.length);
                at += part.length;
            }
        }
        Bytes.putInt(record, parts.length * Integer.BYTES, at);
        return record;
    }
}
