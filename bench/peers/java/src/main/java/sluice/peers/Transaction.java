package sluice.peers;

/** What is left of a transaction once its card is a token; a POJO, as Flink serialises it best. */
public final class Transaction {
    public String token;
    public String transactionId;
    public long eventMs;
    public long amountMinor;
}
