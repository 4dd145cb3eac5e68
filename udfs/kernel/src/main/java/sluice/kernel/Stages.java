package sluice.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.streaming.api.transformations.SourceTransformation;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** Parts of a job that keep their state whatever becomes of the others. */
public final class Stages {
    private Stages() {}

    /**
     * The rows of all `inputs`, which have the same columns, none of them a time attribute. Each is planned by itself, and
     * what keeps state in it has a uid that begins with its name, so that Flink finds the state again wherever the plan
     * puts it.
     */
    public static Table union(StreamTableEnvironment environment, List<String> names, List<Table> inputs) {
        List<DataStream<RowData>> streams = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            DataType type = inputs.get(i).getResolvedSchema().toSourceRowDataType().notNull().bridgedTo(RowData.class);
            DataStream<RowData> stream = environment.toDataStream(inputs.get(i), type);
            for (Transformation<?> each : stream.getTransformation().getTransitivePredecessors()) {
                nameState(each, names.get(i));
            }
            streams.add(stream);
        }
        DataStream<RowData> first = streams.remove(0);
        return environment.fromDataStream(streams.isEmpty() ? first : first.union(streams.toArray(new DataStream[0])));
    }

    /** Of what an earlier stage has planned, all that keeps state has its uid already. */
    private static void nameState(Transformation<?> step, String stage) {
        boolean source = step instanceof SourceTransformation;
        boolean keyed = step instanceof OneInputTransformation<?, ?> one && one.getStateKeySelector() != null;
        if (step.getUid() == null && (source || keyed)) {
            // The planner calls a step by what it does and by its number in the plan, such as `Match[7]`.
            String kind = source ? "source" : step.getName().split("\\W")[0].toLowerCase(Locale.ROOT);
            step.setUid(stage + "_" + kind);
        }
    }
}
