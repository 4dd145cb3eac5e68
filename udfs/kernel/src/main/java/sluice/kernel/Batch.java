package sluice.kernel;

import java.util.List;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/** Rows, gathered column by column as Python takes them: one array of bytes a column, all numbers little-endian. */
public final class Batch {
    private static final int NULL = -1;

    private final List<LogicalType> types;
    /** For a column of bytes its values, for others null; and the other way round. */
    private final byte[][][] bytes;

    private final long[][] numbers;
    private final int most;
    private int size;

    /** For at most so many rows of `type`, see {@link PythonSteps} for the columns that it may have. */
    public Batch(RowType type, int most) {
        this.types = type.getChildren();
        this.most = most;
        bytes = new byte[types.size()][][];
        numbers = new long[types.size()][];
        for (int column = 0; column < types.size(); column++) {
            if (PythonSteps.isBytes(types.get(column))) {
                bytes[column] = new byte[most][];
            } else {
                numbers[column] = new long[most];
            }
        }
    }

    public int size() {
        return size;
    }

    public boolean isFull() {
        return size == most;
    }

    public void add(RowData row) {
        for (int column = 0; column < types.size(); column++) {
            if (bytes[column] != null) {
                bytes[column][size] = row.isNullAt(column) ? null : row.getBinary(column);
            } else {
                numbers[column][size] = number(row, column);
            }
        }
        size++;
    }

    /**
     * The number of rows, then each column, and none is left here: a column of bytes as the int32 lengths of its
     * values, -1 for NULL, and all values behind them; of numbers, and of timestamps in ms since 1970, as int64.
     */
    public Object[] take() {
        Object[] arguments = new Object[1 + types.size()];
        arguments[0] = size;
        for (int column = 0; column < types.size(); column++) {
            arguments[1 + column] = bytes[column] == null ? packed(numbers[column]) : packed(bytes[column]);
        }
        size = 0;
        return arguments;
    }

    private long number(RowData row, int column) {
        LogicalType type = types.get(column);
        return switch (type.getTypeRoot()) {
            case INTEGER -> row.getInt(column);
            case BIGINT -> row.getLong(column);
            default -> row.getTimestamp(column, LogicalTypeChecks.getPrecision(type)).getMillisecond();
        };
    }

    private byte[] packed(long[] values) {
        byte[] packed = new byte[size * Long.BYTES];
        for (int row = 0; row < size; row++) {
            Bytes.putLong(packed, row * Long.BYTES, values[row]);
        }
        return packed;
    }

    private byte[] packed(byte[][] values) {
        int at = size * Integer.BYTES;
        int total = at;
        for (int row = 0; row < size; row++) {
            total += values[row] == null ? 0 : values[row].length;
        }
        byte[] packed = new byte[total];
        for (int row = 0; row < size; row++) {
            byte[] value = values[row];
            Bytes.putInt(packed, row * Integer.BYTES, value == null ? NULL : value.length);
            if (value != null) {
                System.arraycopy(value, 0, packed, at, value.length);
                at += value.length;
            }
        }
        return packed;
    }
}
