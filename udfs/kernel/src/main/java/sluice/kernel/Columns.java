package sluice.kernel;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
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

    /** Ends each part of an id, since no UTF-8 text holds it. */
    private static final byte END = (byte) 0xFF;

    private final CallContext call;
    private final DataType table;
    private final RowType row;
    private final Set<Integer> used = new TreeSet<>();

    Columns(CallContext call) {
        this.call = call;
        this.table = call.getTableSemantics(TABLE).orElseThrow().dataType();
        this.row = (RowType) table.getLogicalType();
    }

    /** The type of the table's rows. */
    DataType table() {
        return table;
    }

    /** The positions of all columns that were found so far. */
    int[] used() {
        return used.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The position of the column of type `root` that the argument at `position` names. */
    int number(int position, String argument, LogicalTypeRoot root) {
        int[] found = find(position, argument, type -> type.is(root), root.name());
        return exactly(1, argument, found)[0];
    }

    /** The positions of one or more columns of characters. */
    int[] texts(int position, String argument) {
        return find(position, argument, Columns::isText, "STRING");
    }

    /** The positions of `count` columns, each of characters or bytes. */
    int[] textsOrBytes(int position, String argument, int count) {
        return exactly(count, argument, find(position, argument, Columns::isTextOrBytes, "STRING or BYTES"));
    }

    boolean isText(int column) {
        return isText(row.getTypeAt(column));
    }

    /** The UTF-8 bytes of a text column, or the bytes of a binary one. */
    static byte[] bytes(RowData row, int column, boolean text) {
        return text ? ((BinaryStringData) row.getString(column)).toBytes() : row.getBinary(column);
    }

    /** The bytes of text columns as one string, one byte a character: compared by content, and small. */
    static String id(RowData row, int[] columns) {
        byte[][] parts = new byte[columns.length][];
        int length = 0;
        for (int each = 0; each < columns.length; each++) {
            parts[each] = bytes(row, columns[each], true);
            length += parts[each].length + 1;
        }
        byte[] joined = new byte[length];
        int at = 0;
        for (byte[] each : parts) {
            System.arraycopy(each, 0, joined, at, each.length);
            at += each.length;
            joined[at++] = END;
        }
        return new String(joined, StandardCharsets.ISO_8859_1);
    }

    private static boolean isText(LogicalType type) {
        return type.is(LogicalTypeFamily.CHARACTER_STRING);
    }

    private static boolean isTextOrBytes(LogicalType type) {
        return isText(type) || type.is(LogicalTypeFamily.BINARY_STRING);
    }

    private int[] find(int position, String argument, Predicate<LogicalType> fits, String wanted) {
        List<String> names =
                call.getArgumentValue(position, ColumnList.class).map(ColumnList::getNames).orElse(List.of());
        return names.stream().mapToInt(name -> find(argument, name, fits, wanted)).toArray();
    }

    private int find(String argument, String name, Predicate<LogicalType> fits, String wanted) {
        int column = row.getFieldIndex(name);
        if (column < 0) {
            throw new ValidationException(
                    String.format(
                            "%s => DESCRIPTOR(%s): the table has no such column, only %s.",
                            argument, name, row.getFieldNames()));
        }
        if (!fits.test(row.getTypeAt(column))) {
            throw new ValidationException(
                    String.format(
                            "%s => DESCRIPTOR(%s): the column is %s; cast it to %s.",
                            argument, name, row.getTypeAt(column), wanted));
        }
        used.add(column);
        return column;
    }

    private static int[] exactly(int count, String argument, int[] found) {
        if (found.length != count) {
            throw new ValidationException(
                    String.format(
                            "%s => DESCRIPTOR(…) names %d columns; name %d.", argument, found.length, count));
        }
        return found;
    }
}
