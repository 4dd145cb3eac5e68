package sluice.kernel;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.types.ColumnList;

/**
 * Adds to each row that asks what held for its key at its moment, as far as it is known when the row arrives.
 *
 * <p>Two kinds of rows come in one table, since Flink passes no columns through where a function takes several. A row
 * with something in `asking` asks; any other says what holds from its moment on, or with NULL that nothing does that
 * was said of this moment, and goes no further. No row waits for another. See {@link Versions}.
 */
@DataTypeHint(value = "ROW<found BYTES>", bridgedTo = RowData.class)
public final class AsOf extends BinaryRows {
    private static final long serialVersionUID = 1L;
    /** A key has one array; Flink would hash a single value twice a row to see whether it has changed. */
    private static final Integer ALL = 0;

    private int moment;
    private int asking;
    private int version;

    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        AsOf planned = new AsOf();
        planned.moment = columns.bigint(1, "moment");
        planned.asking = columns.bytes(2, "asking");
        planned.version = columns.bytes(3, "version");
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        output = new GenericRowData(1);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "versions") MapView<Integer, byte[]> versions,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "moment") ColumnList momentColumn,
            @ArgumentHint(name = "asking") ColumnList askingColumn,
            @ArgumentHint(name = "version") ColumnList versionColumn,
            @ArgumentHint(name = "most") Integer most)
            throws Exception {
        long when = number(row, moment);
        byte[] known = versions.get(ALL);
        if (!row.isNullAt(asking)) {
            output.setField(0, Versions.at(known, when));
            collect(output);
            return;
        }
        byte[] changed = row.isNullAt(version)
                ? Versions.without(known, when)
                : Versions.with(known, when, row.getBinary(version), most);
        if (changed != null) {
            versions.put(ALL, changed);
        } else if (known != null) {
            versions.remove(ALL);
        }
    }
}
