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
 * Adds to each row `profile`, little-endian int64: the wall clock in ms, then the features of the row's entity
 * at that moment in the order of {@link Catalogue}. Rows whose `earlier` is not NULL leave no trace and have
 * no features. A row of no entity, {@link Facts#NOBODY}, leaves no trace either; it counts nothing.
 *
 * <p>`other` says of which entity, where it is not the first one of {@link Facts}.
 *
 * <p>The table must be partitioned by a bucket of entities, see {@link Expiry}.
 */
@DataTypeHint(value = "ROW<profile BYTES NOT NULL>", bridgedTo = RowData.class)
public final class History extends BinaryRows {
    private static final long serialVersionUID = 1L;

    /** The longest window reaches 7 days back from an event that is itself let in up to 7 days late; and one to spare. */
    public static final Duration KEPT = Duration.ofDays(15);

    private int facts;
    private int earlier;
    private int other;

    private transient Expiry expiry;
    private transient EntityHistory history;
    private transient GenericRowData output;

    @Override
    BinaryRows planned(Columns columns) {
        History planned = new History();
        planned.facts = columns.bytes(1, "facts");
        planned.earlier = columns.bytes(2, "earlier");
        planned.other = columns.constant(3, -1);
        return planned;
    }

    @Override
    public void open(FunctionContext context) {
        expiry = new Expiry(KEPT);
        history = new EntityHistory();
        output = new GenericRowData(1);
    }

    /** Called by Flink for each row; the column names were resolved while planning. */
    public void eval(
            @StateHint(name = "histories", ttl = "0") MapView<Long, byte[]> histories,
            @ArgumentHint(name = "r", value = {ArgumentTrait.SET_SEMANTIC_TABLE, ArgumentTrait.PASS_COLUMNS_THROUGH})
                    RowData row,
            @ArgumentHint(name = "facts") ColumnList factsColumn,
            @ArgumentHint(name = "earlier") ColumnList earlierColumn,
            @ArgumentHint(name = "other", isOptional = true) Integer otherEntity)
            throws Exception {
        byte[] profile = row.isNullAt(earlier)
                ? profile(expiry.over(histories), new Facts(bytes(row, facts), other))
                : new byte[Long.BYTES];
        Bytes.putLong(profile, 0, System.currentTimeMillis());
        output.setField(0, profile);
        collect(output);
    }

    private byte[] profile(Expiry histories, Facts of) throws Exception {
        byte[] features = of.entity() == Facts.NOBODY ? Catalogue.ofNobody() : features(histories, of);
        byte[] profile = new byte[Long.BYTES + features.length];
        System.arraycopy(features, 0, profile, Long.BYTES, features.length);
        return profile;
    }

    private byte[] features(Expiry histories, Facts of) throws Exception {
        byte[] before = histories.get(of.entity(), of.logMs());
        byte[] after = history.update(before, of.event());
        histories.put(of.entity(), after, of.logPartition(), of.logMs());
        return history.features();
    }
}
