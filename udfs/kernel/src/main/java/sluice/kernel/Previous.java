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
 * Adds to each row `previous`: what the column `kept` held in the latest row of the same key and the same `whose`, or NULL for
 * the first one and two days after the latest.
 *
 * <p>SQL's lag gives it by key, with timers and a list for each that cost more than ten times as much in RocksDB. With `whose` beside
 * the key, rows of one key keep their order whatever `whose` is.
 */
@DataTypeHint(value = "ROW<previous BYTES>", bridgedTo = RowData.class)
public final class Previous extends BinaryRows {
    private static final long serialVersionUID = 1L;

    private int whose;
    private int kept;

    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        Previous planned = new Previous();
        planned.whose = columns.string(1, "whose");
        planned.kept = columns.bytes(2, "kept");
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        output = new GenericRowData(1);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "latest", ttl = "2 days") MapView<String, byte[]> latest,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "whose") ColumnList whoseColumn,
            @ArgumentHint(name = "kept") ColumnList keptColumn)
            throws Exception {
        String entity = text(row, whose);
        output.setField(0, latest.get(entity));
        latest.put(entity, bytes(row, kept));
        collect(output);
    }
}
