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
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.types.ColumnList;

/**
 * Adds to each row the features of its entity at that moment: `features`, little-endian int64 in the
 * order of {@link Catalogue}, and `profiled_ms`, the wall clock. Rows whose `status` is not 0 pass with
 * features NULL and leave no trace.
 *
 * <p>The table must be partitioned by a bucket of entities, see {@link Expiry}.
 */
@DataTypeHint(value = "ROW<features BYTES, profiled_ms BIGINT NOT NULL>", bridgedTo = RowData.class)
public final class History extends BinaryRows {
    private static final long serialVersionUID = 1L;

    /** The longest window reaches 7 days back from an event that is itself let in up to 7 days late; and one to spare. */
    private static final Duration KEPT = Duration.ofDays(15);

    private int[] entity;
    private int partition;
    private int logTime;
    private int status;
    private int time;
    private int amount;
    private int[] categories;
    private boolean[] text;

    private transient Expiry expiry;
    private transient EntityHistory history;
    private transient int[] hashes;
    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        History planned = new History();
        planned.entity = columns.texts(1, "entity");
        planned.partition = columns.number(2, "log_partition", LogicalTypeRoot.INTEGER);
        planned.logTime = columns.number(3, "log_ms", LogicalTypeRoot.BIGINT);
        planned.status = columns.number(4, "status", LogicalTypeRoot.TINYINT);
        planned.time = columns.number(5, "event_ms", LogicalTypeRoot.BIGINT);
        planned.amount = columns.number(6, "amount", LogicalTypeRoot.BIGINT);
        planned.categories = columns.textsOrBytes(7, "categories", Catalogue.CATEGORIES);
        planned.text = new boolean[Catalogue.CATEGORIES];
        for (int each = 0; each < Catalogue.CATEGORIES; each++) {
            planned.text[each] = columns.isText(planned.categories[each]);
        }
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        expiry = new Expiry(KEPT);
        history = new EntityHistory();
        hashes = new int[Catalogue.CATEGORIES];
        output = new GenericRowData(2);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "histories", ttl = "0") MapView<String, byte[]> histories,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "entity") ColumnList entityColumns,
            @ArgumentHint(name = "log_partition") ColumnList partitionColumn,
            @ArgumentHint(name = "log_ms") ColumnList logTimeColumn,
            @ArgumentHint(name = "status") ColumnList statusColumn,
            @ArgumentHint(name = "event_ms") ColumnList timeColumn,
            @ArgumentHint(name = "amount") ColumnList amountColumn,
            @ArgumentHint(name = "categories") ColumnList categoryColumns)
            throws Exception {
        requireValues(row);
        output.setField(0, row.getByte(status) == 0 ? features(histories, row) : null);
        output.setField(1, System.currentTimeMillis());
        collect(output);
    }

    private byte[] features(MapView<String, byte[]> histories, RowData row) throws Exception {
        for (int each = 0; each < Catalogue.CATEGORIES; each++) {
            hashes[each] = Hash.fnv1a32(Columns.bytes(row, categories[each], text[each]));
        }
        String id = Columns.id(row, entity);
        long logMs = row.getLong(logTime);
        byte[] before = expiry.get(histories, id, logMs);
        byte[] after = history.update(before, row.getLong(time), row.getLong(amount), hashes);
        expiry.put(histories, id, before, after, row.getInt(partition), logMs);
        return history.features();
    }
}
