package sluice.kernel;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.types.ColumnList;

/**
 * Adds to each row the features of its entity at that moment: `features`, little-endian int64 in the
 * order of {@link Catalogue}, and `profiled_ms`, the wall clock. Rows whose `status` is not 0 pass with
 * features NULL and leave no trace.
 */
@DataTypeHint(value = "ROW<features BYTES, profiled_ms BIGINT NOT NULL>", bridgedTo = RowData.class)
public final class History extends BinaryRows {
    private static final long serialVersionUID = 1L;

    private int status;
    private int time;
    private int amount;
    private int[] categories;
    private boolean[] text;

    private transient EntityHistory history;
    private transient int[] hashes;
    private transient GenericRowData output;

    /** The state of one entity, in the layout of {@link EntityHistory}. */
    public static final class Memory {
        public byte[] bytes;
    }

    @Override
    BinaryRows planned(Columns columns) {
        History planned = new History();
        planned.status = columns.number(1, "status", LogicalTypeRoot.TINYINT);
        planned.time = columns.number(2, "event_ms", LogicalTypeRoot.BIGINT);
        planned.amount = columns.number(3, "amount", LogicalTypeRoot.BIGINT);
        planned.categories = columns.textsOrBytes(4, "categories", Catalogue.CATEGORIES);
        planned.text = new boolean[Catalogue.CATEGORIES];
        for (int each = 0; each < Catalogue.CATEGORIES; each++) {
            planned.text[each] = columns.isText(planned.categories[each]);
        }
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        history = new EntityHistory();
        hashes = new int[Catalogue.CATEGORIES];
        output = new GenericRowData(2);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "history", ttl = "15 days") Memory memory,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "status") ColumnList statusColumn,
            @ArgumentHint(name = "event_ms") ColumnList timeColumn,
            @ArgumentHint(name = "amount") ColumnList amountColumn,
            @ArgumentHint(name = "categories") ColumnList categoryColumns) {
        requireValues(row);
        output.setField(0, row.getByte(status) == 0 ? features(memory, row) : null);
        output.setField(1, System.currentTimeMillis());
        collect(output);
    }

    private byte[] features(Memory memory, RowData row) {
        for (int each = 0; each < Catalogue.CATEGORIES; each++) {
            hashes[each] = Hash.fnv1a32(Columns.bytes(row, categories[each], text[each]));
        }
        memory.bytes = history.update(memory.bytes, row.getLong(time), row.getLong(amount), hashes);
        return history.features();
    }
}
