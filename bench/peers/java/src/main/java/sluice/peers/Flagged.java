package sluice.peers;

/** A transaction that is flagged, and why. */
public final class Flagged {
    public String token;
    public String transactionId;
    public boolean highValue;
    public boolean cardVelocity;
}
