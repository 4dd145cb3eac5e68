package sluice.kernel;

import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
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

    /** The type of the table's rows. */
    DataType table() {
        return table;
    }

    /** The position of the column of bytes that the argument at `position` names. */
    int bytes(int position, String argument) {
        return column(position, argument, LogicalTypeRoot.VARBINARY, "BYTES");
    }

    /** The position of the column of 64-bit numbers that the argument at `position` names. */
    int bigint(int position, String argument) {
        return column(position, argument, LogicalTypeRoot.BIGINT, "BIGINT");
    }

    /** The position of the column of text that the argument at `position` names. */
    int string(int position, String argument) {
        return column(position, argument, LogicalTypeRoot.VARCHAR, "STRING");
    }

    /** The number that the argument at `position` is, or `otherwise` where the call does without. */
    int constant(int position, int otherwise) {
        return call.getArgumentValue(position, Integer.class).orElse(otherwise);
    }

    private int column(int position, String argument, LogicalTypeRoot type, String words) {
        List<String> names =
                call.getArgumentValue(position, ColumnList.class).map(ColumnList::getNames).orElse(List.of());
        if (names.size() != 1) {
            throw new ValidationException(
                    String.format("%s => DESCRIPTOR(…) names %d columns; name 1.", argument, names.size()));
        }
        int column = row.getFieldIndex(names.get(0));
        if (column < 0) {
            throw new ValidationException(
                    String.format(
                            "%s => DESCRIPTOR(%s): the table has no such column, only %s.",
                            argument, names.get(0), row.getFieldNames()));
        }
        if (!row.getTypeAt(column).is(type)) {
            throw new ValidationException(
                    String.format(
                            "%s => DESCRIPTOR(%s): the column is %s; cast it to %s.",
                            argument, names.get(0), row.getTypeAt(column), words));
        }
        return column;
    }
}
