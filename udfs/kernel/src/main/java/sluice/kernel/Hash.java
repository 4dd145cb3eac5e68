package sluice.kernel;

/** Spreads bits. Not cryptographic: secrets are hashed before they come here. */
public final class Hash {
    private Hash() {}

    /** The finaliser of MurmurHash3 for 32 bits: spreads each input bit over all output bits. */
    public static int fmix32(int hash) {
        int mixed = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
        mixed = (mixed ^ (mixed >>> 13)) * 0xC2B2AE35;
        return mixed ^ (mixed >>> 16);
    }
}
