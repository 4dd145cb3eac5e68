package sluice.kernel;

import java.nio.charset.StandardCharsets;
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
 * Says of each row whether its id was met before in its partition: `status` 0 for the first, 1 for a
 * repeat with the same body, 2 for another body under the same id; and where the first one stood.
 */
@DataTypeHint(
        value = "ROW<status TINYINT NOT NULL, first_partition INT NOT NULL, first_offset BIGINT NOT NULL>",
        bridgedTo = RowData.class)
public final class FirstSeen extends BinaryRows {
    private static final long serialVersionUID = 1L;

    private static final byte FIRST = 0;
    private static final byte REPEAT = 1;
    private static final byte CONFLICT = 2;

    private static final int OFFSET = Long.BYTES;
    private static final int PARTITION = 2 * Long.BYTES;
    private static final int RECORD = PARTITION + Integer.BYTES;

    private int id;
    private boolean idIsText;
    private int body;
    private boolean bodyIsText;
    private int partition;
    private int offset;

    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        FirstSeen planned = new FirstSeen();
        planned.id = columns.texts(1, "id", 1)[0];
        planned.idIsText = columns.isText(planned.id);
        planned.body = columns.texts(2, "body", 1)[0];
        planned.bodyIsText = columns.isText(planned.body);
        planned.partition = columns.numbers(3, "log_partition", 1, LogicalTypeRoot.INTEGER)[0];
        planned.offset = columns.numbers(4, "log_offset", 1, LogicalTypeRoot.BIGINT)[0];
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        output = new GenericRowData(3);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "seen", ttl = "8 days") MapView<String, byte[]> seen,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH}) RowData row,
            @ArgumentHint(name = "id") ColumnList idColumn,
            @ArgumentHint(name = "body") ColumnList bodyColumn,
            @ArgumentHint(name = "log_partition") ColumnList partitionColumn,
            @ArgumentHint(name = "log_offset") ColumnList offsetColumn)
            throws Exception {
        // One character a byte: loses nothing, and a Java string is a key that is compared by content.
        String key = new String(Columns.bytes(row, id, idIsText), StandardCharsets.ISO_8859_1);
        long fingerprint = Hash.fingerprint(Columns.bytes(row, body, bodyIsText));
        byte[] first = seen.get(key);
        byte status = first == null ? FIRST : Bytes.getLong(first, 0) == fingerprint ? REPEAT : CONFLICT;
        if (first == null) {
            first = record(fingerprint, row);
            seen.put(key, first);
        }
        output.setField(0, status);
        output.setField(1, Bytes.getInt(first, PARTITION));
        output.setField(2, Bytes.getLong(first, OFFSET));
        collect(output);
    }

    private byte[] record(long fingerprint, RowData row) {
        byte[] record = new byte[RECORD];
        Bytes.putLong(record, 0, fingerprint);
        Bytes.putLong(record, OFFSET, row.getLong(offset));
        Bytes.putInt(record, PARTITION, row.getInt(partition));
        return record;
    }
}
