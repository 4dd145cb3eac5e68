package sluice.kernel;

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
 * Says of each row whether its id was met before: `status` 0 for the first, 1 for a repeat with the same
 * body, 2 for another body under the same id; and where the first one stood.
 *
 * <p>The table must be partitioned by a bucket of ids, see {@link Expiry}.
 */
@DataTypeHint(
        value = "ROW<status TINYINT NOT NULL, first_partition INT NOT NULL, first_offset BIGINT NOT NULL>",
        bridgedTo = RowData.class)
public final class FirstSeen extends BinaryRows {
    private static final long serialVersionUID = 1L;

    private int[] ids;
    private int body;
    private boolean bodyIsText;
    private int partition;
    private int offset;
    private int time;

    private transient SeenIds seenIds;
    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        FirstSeen planned = new FirstSeen();
        planned.ids = columns.texts(1, "id");
        planned.body = columns.textsOrBytes(2, "body", 1)[0];
        planned.bodyIsText = columns.isText(planned.body);
        planned.partition = columns.number(3, "log_partition", LogicalTypeRoot.INTEGER);
        planned.offset = columns.number(4, "log_offset", LogicalTypeRoot.BIGINT);
        planned.time = columns.number(5, "log_ms", LogicalTypeRoot.BIGINT);
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        seenIds = new SeenIds();
        output = new GenericRowData(3);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "seen", ttl = "0") MapView<String, byte[]> seen,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "id") ColumnList idColumns,
            @ArgumentHint(name = "body") ColumnList bodyColumn,
            @ArgumentHint(name = "log_partition") ColumnList partitionColumn,
            @ArgumentHint(name = "log_offset") ColumnList offsetColumn,
            @ArgumentHint(name = "log_ms") ColumnList timeColumn)
            throws Exception {
        requireValues(row);
        long fingerprint = Hash.fingerprint(Columns.bytes(row, body, bodyIsText));
        byte status = seenIds.check(
                seen, Columns.id(row, ids), fingerprint, row.getInt(partition), row.getLong(offset), row.getLong(time));
        output.setField(0, status);
        output.setField(1, seenIds.firstPartition());
        output.setField(2, seenIds.firstOffset());
        collect(output);
    }
}
