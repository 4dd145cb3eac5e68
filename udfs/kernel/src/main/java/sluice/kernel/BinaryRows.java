package sluice.kernel;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.TableRuntimeException;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.TypeInference;

/**
 * A process table function that takes any table as its first argument, as Flink's own binary rows.
 *
 * <p>Flink converts a table of any columns into `Row` objects, which costs more than the work itself. Once
 * a call is planned the columns are known, so the function that will run declares exactly those, as `RowData`.
 */
abstract class BinaryRows extends ProcessTableFunction<RowData> implements SpecializedFunction {
    private static final long serialVersionUID = 1L;

    private transient DataType table;
    private String[] names;

    /** Another instance that has resolved the columns named in the call. */
    abstract BinaryRows planned(Columns columns);

    /** The content of a column. Throws TableRuntimeException where it is NULL: its bytes would be read all the same. */
    final byte[] bytes(RowData row, int column) {
        checkPresent(row, column);
        return row.getBinary(column);
    }

    /** The number in a column. Throws TableRuntimeException where it is NULL. */
    final long number(RowData row, int column) {
        checkPresent(row, column);
        return row.getLong(column);
    }

    /** The text in a column. Throws TableRuntimeException where it is NULL. */
    final String text(RowData row, int column) {
        checkPresent(row, column);
        return row.getString(column).toString();
    }

    private void checkPresent(RowData row, int column) {
        if (row.isNullAt(column)) {
            throw new TableRuntimeException(
                    "Column '" + names[column] + "' is NULL in a row given to " + getClass().getSimpleName()
                            + "; filter such rows out before the call.");
        }
    }

    @Override
    public final UserDefinedFunction specialize(SpecializedContext context) {
        Columns columns = new Columns(context.getCallContext());
        BinaryRows planned = planned(columns);
        planned.table = columns.table().bridgedTo(RowData.class);
        planned.names = DataType.getFieldNames(planned.table).toArray(String[]::new);
        return planned;
    }

    @Override
    public final TypeInference getTypeInference(DataTypeFactory factory) {
        TypeInference declared = super.getTypeInference(factory);
        if (table == null) {
            return declared;
        }
        List<StaticArgument> arguments = new ArrayList<>(declared.getStaticArguments().orElseThrow());
        StaticArgument any = arguments.get(0);
        arguments.set(0, StaticArgument.table(any.getName(), table, false, any.getTraits()));
        return TypeInference.newBuilder()
                .staticArguments(arguments)
                .inputTypeStrategy(declared.getInputTypeStrategy())
                .stateTypeStrategies(declared.getStateTypeStrategies())
                .outputTypeStrategy(declared.getOutputTypeStrategy())
                .build();
    }
}
