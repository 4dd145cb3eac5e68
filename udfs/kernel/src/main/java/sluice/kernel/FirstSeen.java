package sluice.kernel;

import java.time.Duration;
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
 * Adds to each row `earlier`: NULL if its id was not met in the 8 days of log time before it, else what
 * {@link SeenIds#check} says of the row that had the id first.
 *
 * <p>The table must be partitioned by a bucket of ids, see {@link SeenIds}.
 */
@DataTypeHint(value = "ROW<earlier BYTES>", bridgedTo = RowData.class)
public final class FirstSeen extends BinaryRows {
    private static final long serialVersionUID = 1L;
    public static final Duration KEPT = Duration.ofDays(8);

    private int facts;

    private transient SeenIds ids;
    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        FirstSeen planned = new FirstSeen();
        planned.facts = columns.bytes(1, "facts");
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        ids = new SeenIds(KEPT);
        output = new GenericRowData(1);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "pages", ttl = "0") MapView<Integer, byte[]> pages,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "facts") ColumnList factsColumn)
            throws Exception {
        output.setField(0, ids.check(pages, bytes(row, facts)));
        collect(output);
    }
}
