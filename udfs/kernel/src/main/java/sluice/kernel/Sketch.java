package sluice.kernel;

/** Linear counting with 64 bits: how many distinct values set the bits of a word. */
public final class Sketch {
    private static final int BITS = Long.SIZE;
    private static final long[] ESTIMATES = estimates();

    private Sketch() {}

    /** The sketch of the single value with this hash. */
    public static long of(int hash) {
        return 1L << (Hash.fmix32(hash) & (BITS - 1));
    }

    /** The estimated number of distinct values, -64 ln(zeros / 64), with a full word taken as half a zero. */
    public static long estimate(long sketch) {
        return ESTIMATES[Long.bitCount(sketch)];
    }

    private static long[] estimates() {
        long[] table = new long[BITS + 1];
        for (int ones = 0; ones <= BITS; ones++) {
            double zeros = ones == BITS ? 0.5 : BITS - ones;
            table[ones] = Math.round(-BITS * Math.log(zeros / BITS));
        }
        return table;
    }
}
