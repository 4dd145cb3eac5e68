package sluice.kernel;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;

/** Adds to each row `place`: how many rows of the same key came before it. {@link InOrder} is the other end. */
@DataTypeHint(value = "ROW<place BIGINT NOT NULL>", bridgedTo = RowData.class)
public final class Numbered extends BinaryRows {
    private static final long serialVersionUID = 1L;
    private static final int COUNT = 0;

    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        return new Numbered();
    }

    @Override
    public void open(FunctionContext context) {
        output = new GenericRowData(1);
    }

    /** Called by Flink for each row. */
    public void eval(
            @StateHint(name = "counts", ttl = "0") MapView<Integer, Long> counts,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row)
            throws Exception {
        Long before = counts.get(COUNT);
        long place = before == null ? 0 : before;
        counts.put(COUNT, place + 1);
        output.setField(0, place);
        collect(output);
    }
}
