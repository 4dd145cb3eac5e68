package sluice.kernel;

import org.apache.flink.api.dag.Transformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.transformations.SourceTransformation;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarBinaryType;

/** Puts a {@link PythonStep} between two tables. */
public final class PythonSteps {
    private PythonSteps() {}

    /**
     * A table of one column of bytes, `column`, with a row for each row of `input`, in the same order. The step's name is
     * its uid too, and a source that nothing read before has the uid `name`_source.
     *
     * <p>The columns of `input` are BYTES, or else INT, BIGINT or timestamps that are never NULL.
     *
     * @throws ValidationException names a column of another type
     */
    public static Table add(
            StreamTableEnvironment environment,
            Table input,
            String name,
            String column,
            String interpreter,
            String program,
            int rows,
            long waitMs) {
        DataType type = input.getResolvedSchema().toSourceRowDataType().notNull().bridgedTo(RowData.class);
        RowType row = (RowType) type.getLogicalType();
        row.getFields().forEach(field -> check(name, field));
        DataStream<RowData> rowsIn = environment.toDataStream(input, type);
        nameSteps(rowsIn.getTransformation(), name);
        RowType result = RowType.of(new LogicalType[] {new VarBinaryType(VarBinaryType.MAX_LENGTH)}, new String[] {column});
        DataStream<RowData> stream = rowsIn.transform(
                        name, InternalTypeInfo.of(result), new PythonStep(interpreter, program, row, rows, waitMs))
                .setParallelism(rowsIn.getParallelism())
                .uid(name);
        return environment.fromDataStream(stream);
    }

    /**
     * Flink SQL numbers a source by what reads it, so that its position would be lost with a change to the SQL. And it
     * calls a function by its kind and number; metrics go by names, so what has a uid is called by that.
     */
    private static void nameSteps(Transformation<?> last, String step) {
        for (Transformation<?> each : last.getTransitivePredecessors()) {
            boolean source = each instanceof SourceTransformation;
            if (source && each.getUid() == null) {
                each.setUid(step + "_source");
            } else if (!source && each.getUid() != null) {
                each.setName(each.getUid());
            }
        }
    }

    static boolean isBytes(LogicalType type) {
        return type.is(LogicalTypeRoot.VARBINARY);
    }

    private static void check(String step, RowType.RowField field) {
        boolean known = switch (field.getType().getTypeRoot()) {
            case VARBINARY, INTEGER, BIGINT, TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> true;
            default -> false;
        };
        if (!known) {
            throw new ValidationException(
                    String.format(
                            "Step %s: column %s is %s; cast it to BYTES, INT, BIGINT or a timestamp.",
                            step, field.getName(), field.getType()));
        }
    }
}
