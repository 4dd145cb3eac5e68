package sluice.kernel;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;

/** Counts rows in a Flink metric with a label, and hands a value on as it is. */
public final class Counted extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    private transient MetricGroup metrics;
    private transient Map<String, Counter> counters;

    @Override
    public void open(FunctionContext context) {
        metrics = context.getMetricGroup();
        counters = new HashMap<>();
    }

    /**
     * The metric `name` in the group `label` = `value`. Few values, please: each is a metric for as long as the job runs.
     *
     * @return `row`
     */
    public byte[] eval(String name, String label, String value, byte[] row) {
        counters.computeIfAbsent(
                        name + '\n' + label + '\n' + value, each -> metrics.addGroup(label, value).counter(name))
                .inc();
        return row;
    }

    /** It counts, so no call may be left out or merged with another. */
    @Override
    public boolean isDeterministic() {
        return false;
    }
}
