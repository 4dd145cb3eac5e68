package sluice.peers;

import java.util.Arrays;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Flags a transaction of more than 800.00 USD, or one that makes more than three of its card within 10 s. */
final class Judge extends KeyedProcessFunction<String, Transaction, Flagged> {
    private static final long serialVersionUID = 1L;
    private static final long HIGH_VALUE_MINOR = 80_000;
    private static final int MOST = 3;
    private static final long WINDOW_MS = 10_000;
    private static final long[] NONE = {};

    private transient ValueState<long[]> recent;

    @Override
    public void open(OpenContext context) {
        recent = getRuntimeContext()
                .getState(new ValueStateDescriptor<>(
                        "recent", PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    @Override
    public void processElement(Transaction transaction, Context context, Collector<Flagged> out) throws Exception {
        long[] before = recent.value();
        long[] times = with(before == null ? NONE : before, transaction.eventMs);
        recent.update(times);
        boolean highValue = transaction.amountMinor > HIGH_VALUE_MINOR;
        boolean cardVelocity = times.length > MOST;
        if (highValue || cardVelocity) {
            Flagged flagged = new Flagged();
            flagged.token = transaction.token;
            flagged.transactionId = transaction.transactionId;
            flagged.highValue = highValue;
            flagged.cardVelocity = cardVelocity;
            out.collect(flagged);
        }
    }

    /** The times within 10 s up to this one, which is the last. They come in order, so the old ones stand first. */
    private static long[] with(long[] before, long time) {
        int old = 0;
        while (old < before.length && before[old] < time - WINDOW_MS) {
            old++;
        }
        long[] times = Arrays.copyOfRange(before, old, before.length + 1);
        times[times.length - 1] = time;
        return times;
    }
}
