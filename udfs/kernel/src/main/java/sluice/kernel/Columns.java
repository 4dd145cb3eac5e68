package sluice.kernel;

import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.ColumnList;

/** Finds the columns that a call names with DESCRIPTOR, once, while the statement is planned. */
final class Columns {
    private static final int TABLE = 0;

    private final CallContext call;
    private final DataType table;
    private final RowType row;

    Columns(CallContext call) {
        this.call = call;
        this.table = call.getTableSemantics(TABLE).orElseThrow().dataType();
        this.row = (RowType) table.getLogicalType();
    }

    DataType table() {
        return table;
    }

    /** The positions of `count` columns, all of type `root`, named by the argument at `position`. */
    int[] numbers(int position, String argument, int count, LogicalTypeRoot root) {
        int[] found = find(position, argument, count);
        for (int each : found) {
            if (row.getTypeAt(each).getTypeRoot() != root) {
                throw wrongType(argument, each, root.name());
            }
        }
        return found;
    }

    /** As {@link #numbers}, for columns of characters or bytes. */
    int[] texts(int position, String argument, int count) {
        int[] found = find(position, argument, count);
        for (int each : found) {
            if (!isText(row.getTypeAt(each)) && !row.getTypeAt(each).is(LogicalTypeFamily.BINARY_STRING)) {
                throw wrongType(argument, each, "STRING or BYTES");
            }
        }
        return found;
    }

    boolean isText(int column) {
        return isText(row.getTypeAt(column));
    }

    private static boolean isText(LogicalType type) {
        return type.is(LogicalTypeFamily.CHARACTER_STRING);
    }

    private int[] find(int position, String argument, int count) {
        List<String> names =
                call.getArgumentValue(position, ColumnList.class).map(ColumnList::getNames).orElse(List.of());
        if (names.size() != count) {
            throw new ValidationException(
                    String.format("%s => DESCRIPTOR(…) must name %d column(s), not %d.", argument, count, names.size()));
        }
        int[] found = names.stream().mapToInt(row::getFieldIndex).toArray();
        for (int index = 0; index < count; index++) {
            if (found[index] < 0) {
                throw new ValidationException(
                        String.format(
                                "%s => DESCRIPTOR(…) names column '%s', but the table has %s.",
                                argument, names.get(index), row.getFieldNames()));
            }
        }
        return found;
    }

    private ValidationException wrongType(String argument, int column, String wanted) {
        return new ValidationException(
                String.format(
                        "%s => DESCRIPTOR(…) names column '%s' of type %s; it must be %s.",
                        argument, row.getFieldNames().get(column), row.getTypeAt(column), wanted));
    }

    /** The UTF-8 bytes of a text column, or the bytes of a binary one. */
    static byte[] bytes(RowData row, int column, boolean text) {
        return text ? ((BinaryStringData) row.getString(column)).toBytes() : row.getBinary(column);
    }
}
