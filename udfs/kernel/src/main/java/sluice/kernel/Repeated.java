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
 * Adds to each row `repeated`: whether its place in a log was reached before by a row of the same key.
 *
 * <p>Who writes at least once, and after a crash begins again at an earlier place, repeats a stretch of rows in their
 * order. So the highest place in each log tells a repeat, and no id has to be remembered. It is forgotten a week after
 * the latest row of its key.
 */
@DataTypeHint(value = "ROW<repeated BOOLEAN NOT NULL>", bridgedTo = RowData.class)
public final class Repeated extends BinaryRows {
    private static final long serialVersionUID = 1L;

    private int log;
    private int place;

    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        Repeated planned = new Repeated();
        planned.log = columns.bigint(1, "log");
        planned.place = columns.bigint(2, "place");
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        output = new GenericRowData(1);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "highest", ttl = "7 days") MapView<Long, Long> highest,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "log") ColumnList logColumn,
            @ArgumentHint(name = "place") ColumnList placeColumn)
            throws Exception {
        long in = number(row, log);
        long at = number(row, place);
        Long before = highest.get(in);
        boolean repeated = before != null && at <= before;
        if (!repeated) {
            highest.put(in, at);
        }
        output.setField(0, repeated);
        collect(output);
    }
}
