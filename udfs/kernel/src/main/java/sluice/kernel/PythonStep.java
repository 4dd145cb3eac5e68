package sluice.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import pemja.core.PythonInterpreter;
import pemja.core.PythonInterpreterConfig;
import pemja.core.PythonInterpreterConfig.ExecType;

/**
 * Has Python, in this process, turn each row into one record of {@link Parts}, many rows to a call.
 *
 * <p>A row waits for `waitMs` or until there are `rows` of them. Before a checkpoint none is left waiting, so this step
 * has no state.
 */
public final class PythonStep extends AbstractStreamOperator<RowData>
        implements OneInputStreamOperator<RowData, RowData>, BoundedOneInput {
    private static final long serialVersionUID = 1L;
    /** The Python class, as it stands in the message of what pemja throws for one of its instances. */
    private static final String STOP = "StopError";

    private final String interpreter;
    private final String program;
    private final RowType type;
    private final int rows;
    private final long waitMs;

    private transient PythonInterpreter python;
    private transient Batch batch;
    private transient GenericRowData row;
    private transient StreamRecord<RowData> record;
    private transient boolean flushIsDue;

    /**
     * Keeps what Flink sends to the workers.
     *
     * @param interpreter path of the Python to take, with the modules that it finds
     * @param program code that leaves a function `call` behind: of {@link Batch#take}, to an {@link Answer}
     */
    PythonStep(String interpreter, String program, RowType type, int rows, long waitMs) {
        this.interpreter = interpreter;
        this.program = program;
        this.type = type;
        this.rows = rows;
        this.waitMs = waitMs;
    }

    @Override
    public void open() throws Exception {
        super.open();
        batch = new Batch(type, rows);
        row = new GenericRowData(1);
        record = new StreamRecord<>(row);
        String[] places = places();
        python = new PythonInterpreter(PythonInterpreterConfig.newBuilder()
                .setPythonExec(interpreter)
                .setPythonHome(places[0])
                .addPythonPaths(places[1])
                .setExcType(ExecType.MULTI_THREAD)
                .build());
        python.exec(program);
    }

    @Override
    public void processElement(StreamRecord<RowData> input) throws Exception {
        batch.add(input.getValue());
        if (batch.isFull()) {
            flush();
        } else if (!flushIsDue) {
            flushIsDue = true;
            ProcessingTimeService clock = getProcessingTimeService();
            clock.registerTimer(clock.getCurrentProcessingTime() + waitMs, time -> {
                flushIsDue = false;
                flush();
            });
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        flush();
        super.processWatermark(mark);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpoint) throws Exception {
        flush();
    }

    @Override
    public void endInput() throws Exception {
        flush();
    }

    @Override
    public void close() throws Exception {
        super.close();
        if (python != null) {
            python.close();
        }
    }

    /** Where the interpreter's own library is, and what is installed for it; inside a JVM it would go by PATH. */
    private String[] places() throws IOException, InterruptedException {
        String question = "import sys, sysconfig; print(sys.base_prefix, sysconfig.get_path('purelib'), sep='\\n')";
        Process asked = new ProcessBuilder(interpreter, "-c", question)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String[] places = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\\R");
        if (asked.waitFor() != 0 || places.length != 2) {
            throw new IOException(interpreter + " does not run here; set python.executable to this machine's Python 3.11");
        }
        return places;
    }

    /** An error for which Python says that the job shall not go on by itself ends it. */
    private byte[] call(Object[] arguments) throws Exception {
        try {
            return (byte[]) python.invoke("call", arguments);
        } catch (Exception error) {
            if (String.valueOf(error.getMessage()).contains(STOP)) {
                throw new SuppressRestartsException(error);
            }
            throw error;
        }
    }

    private void flush() throws Exception {
        int count = batch.size();
        if (count == 0) {
            return;
        }
        Answer answer = new Answer(call(batch.take()), count);
        for (int number = 0; number < count; number++) {
            row.setField(0, answer.record());
            output.collect(record.replace(row));
        }
    }
}
