package sluice.kernel;

/** Hashes of bytes. None is cryptographic: secrets are hashed before they come here. */
public final class Hash {
    private static final int FNV_OFFSET = 0x811C9DC5;
    private static final int FNV_PRIME = 0x01000193;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private Hash() {}

    /** FNV-1a, 32 bits. */
    public static int fnv1a32(byte[] bytes) {
        int hash = FNV_OFFSET;
        for (byte each : bytes) {
            hash = (hash ^ (each & 0xFF)) * FNV_PRIME;
        }
        return hash;
    }

    /** The finaliser of MurmurHash3 for 32 bits: spreads each input bit over all output bits. */
    public static int fmix32(int hash) {
        int mixed = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
        mixed = (mixed ^ (mixed >>> 13)) * 0xC2B2AE35;
        return mixed ^ (mixed >>> 16);
    }

    /**
     * Fingerprint of a message body, eight bytes a step. Each step is a bijection of the word, so two
     * bodies of one length that differ in a single word never have the same fingerprint.
     */
    public static long fingerprint(byte[] bytes) {
        long hash = bytes.length * MIX;
        int at = 0;
        for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            hash = step(hash, Bytes.getLong(bytes, at));
        }
        long rest = 0;
        for (int shift = 0; at < bytes.length; at++, shift += Byte.SIZE) {
            rest |= (bytes[at] & 0xFFL) << shift;
        }
        return step(step(hash, rest), MIX);
    }

    private static long step(long hash, long word) {
        long mixed = (hash ^ word) * MIX;
        return mixed ^ (mixed >>> 32);
    }
}
