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
 * Gives the records of a key in the order of their places, which {@link Numbered} has given them before they went other
 * ways: a record waits until all before it are there.
 *
 * <p>Only bytes come out, since a row that waits has to be kept as bytes; see {@link Packed}.
 */
@DataTypeHint(value = "ROW<ordered BYTES NOT NULL>", bridgedTo = RowData.class)
public final class InOrder extends BinaryRows {
    private static final long serialVersionUID = 1L;
    private static final int NEXT = 0;

    private int place;
    private int record;

    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        InOrder planned = new InOrder();
        planned.place = columns.bigint(1, "place");
        planned.record = columns.bytes(2, "record");
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        output = new GenericRowData(1);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "places", ttl = "0") MapView<Integer, Long> places,
            @StateHint(name = "waiting", ttl = "0") MapView<Long, byte[]> waiting,
            @ArgumentHint(name = "r", value = ArgumentTrait.SET_SEMANTIC_TABLE) RowData row,
            @ArgumentHint(name = "place") ColumnList placeColumn,
            @ArgumentHint(name = "record") ColumnList recordColumn)
            throws Exception {
        long at = number(row, place);
        Long expected = places.get(NEXT);
        long next = expected == null ? 0 : expected;
        if (at != next) {
            waiting.put(at, bytes(row, record));
            return;
        }
        give(bytes(row, record));
        next++;
        for (byte[] then = waiting.get(next); then != null; then = waiting.get(next)) {
            waiting.remove(next);
            give(then);
            next++;
        }
        places.put(NEXT, next);
    }

    private void give(byte[] bytes) {
        output.setField(0, bytes);
        collect(output);
    }
}
