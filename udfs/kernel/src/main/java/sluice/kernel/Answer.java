package sluice.kernel;

import org.apache.flink.table.api.TableRuntimeException;

/**
 * What Python has answered to a batch: records of {@link Parts}, column by column, to be put together row by row here,
 * where no interpreter's lock is held meanwhile.
 *
 * <p>All numbers are int32, little-endian: the number of rows; the width of each row's first part, or 0 where all parts
 * are columns; the number of columns; their lengths, column by column; then the first parts, and the columns' values.
 */
public final class Answer {
    private static final int HEAD = 3 * Integer.BYTES;

    private final byte[] answer;
    private final int rows;
    private final int width;
    private final int columns;
    /** Where the next row's first part begins, then where its value of each column does. */
    private final int[] next;

    private int row;

    /** The answer for so many rows. */
    public Answer(byte[] answer, int rows) {
        this.answer = answer;
        this.rows = rows;
        if (Bytes.getInt(answer, 0) != rows) {
            throw new TableRuntimeException(
                    "Python was given " + rows + " rows and has answered to " + Bytes.getInt(answer, 0) + ".");
        }
        width = Bytes.getInt(answer, Integer.BYTES);
        columns = Bytes.getInt(answer, 2 * Integer.BYTES);
        next = new int[1 + columns];
        next[0] = HEAD + columns * rows * Integer.BYTES;
        int at = next[0] + width * rows;
        for (int column = 0; column < columns; column++) {
            next[1 + column] = at;
            for (int each = 0; each < rows; each++) {
                at += length(column, each);
            }
        }
    }

    /** The record of the next row. */
    public byte[] record() {
        int first = width > 0 ? 1 : 0;
        int position = (first + columns + 1) * Integer.BYTES;
        int size = position + width;
        for (int column = 0; column < columns; column++) {
            size += length(column, row);
        }
        byte[] record = new byte[size];
        if (width > 0) {
            position = copy(record, 0, position, 0, width);
        }
        for (int column = 0; column < columns; column++) {
            position = copy(record, first + column, position, 1 + column, length(column, row));
        }
        Bytes.putInt(record, (first + columns) * Integer.BYTES, position);
        row++;
        return record;
    }

    /** Puts a part into its place and goes on in where it came from; gives where the part after it begins. */
    private int copy(byte[] record, int part, int position, int source, int length) {
        Bytes.putInt(record, part * Integer.BYTES, position);
        System.arraycopy(answer, next[source], record, position, length);
        next[source] += length;
        return position + length;
    }

    private int length(int column, int of) {
        return Bytes.getInt(answer, HEAD + (column * rows + of) * Integer.BYTES);
    }
}
