package sluice.kernel;

import java.util.ArrayList;
import java.util.List;

/** The features of one entity: their order, and the windows over which they are taken. */
public final class Catalogue {
    /** Distinct values are counted for so many category columns. */
    public static final int CATEGORIES = 3;

    static final int COUNT = 0;
    static final int SUM = 1;
    static final int MAX = 2;
    static final int DISTINCT = 3;
    static final int PER_WINDOW = DISTINCT + CATEGORIES;

    private static final String[] WINDOWS = {"10s", "1m", "10m", "1h", "24h", "7d"};

    /** Features of one row; each is a little-endian int64. */
    public static final int SIZE = WINDOWS.length * PER_WINDOW + 1;

    private Catalogue() {}

    /** Names in the order of the values; `categories` names what is counted in each category column. */
    public static List<String> names(List<String> categories) {
        List<String> names = new ArrayList<>(SIZE);
        for (String window : WINDOWS) {
            names.addAll(List.of("count_" + window, "sum_" + window, "max_" + window));
            categories.forEach(each -> names.add(each + "_" + window));
        }
        names.add("ms_since_last");
        return names;
    }

    /** Sets one feature of a window; windows are numbered from the shortest. */
    static void put(byte[] features, int window, int feature, long value) {
        Bytes.putLong(features, (window * PER_WINDOW + feature) * Long.BYTES, value);
    }

    /** The features of a row that is of no entity. */
    static byte[] ofNobody() {
        byte[] features = new byte[SIZE * Long.BYTES];
        putSinceLast(features, -1);
        return features;
    }

    static void putSinceLast(byte[] features, long ms) {
        Bytes.putLong(features, (SIZE - 1) * Long.BYTES, ms);
    }
}
