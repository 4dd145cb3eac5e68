package sluice.kernel;

import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
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
        if (!row.getTypeAt(column).is(LogicalTypeFamily.BINARY_STRING)) {
            throw new ValidationException(
                    String.format(
                            "%s => DESCRIPTOR(%s): the column is %s; cast it to BYTES.",
                            argument, names.get(0), row.getTypeAt(column)));
        }
        return column;
    }
}
